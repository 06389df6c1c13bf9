package memory

import "testing"

// testGroup checks what a control group has left.
func testGroup(t *testing.T, dir string, want float64) {
	t.Helper()
	if got, ok := group(dir); !ok || got != want {
		t.Errorf("the group has %g left, %v; want %g", got, ok, want)
	}
	if _, ok := group(t.TempDir()); ok {
		t.Error("no group was taken for one")
	}
}
