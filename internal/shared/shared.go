// Package shared finds the reference data that tests compare with.
package shared

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the folder of reference data: $CSNET_SHARED, by default
// ../shared beside the module. Relative paths count from the module's root.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("CSNET_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "shared")
	}
	if filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(root(t), dir)
}

// Glob returns what matches pattern below Dir; without a match the test is
// skipped and says so.
func Glob(t testing.TB, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(Dir(t), filepath.FromSlash(pattern)))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Skipf("no reference data: nothing matches %s in %s (set CSNET_SHARED)", pattern, Dir(t))
	}
	return found
}

// root returns the folder of go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}
