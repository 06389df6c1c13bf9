package wholefile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Files of many goroutines come to their places, each goroutine's own when its Flush
// returns, and one that cannot be placed fails the Batch that it is in and no other.
func TestGroup(t *testing.T) {
	dir := t.TempDir()
	var g Group
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			var b Batch
			for k := range 10 {
				paths := []string{filepath.Join(dir, fmt.Sprint("a", i, "-", k)), filepath.Join(dir, "..", filepath.Base(dir), fmt.Sprint("b", i, "-", k))}
				for _, p := range paths {
					if err := b.Add(p, []byte(p)); err != nil {
						t.Error(err)
					}
				}
				bad := i == 3 && k == 5
				if bad { // something comes into the place meanwhile
					if err := os.Mkdir(paths[1], 0o755); err != nil {
						t.Error(err)
					}
				}
				switch err := g.Flush(&b); {
				case bad && (err == nil || !strings.Contains(err.Error(), filepath.Base(paths[1]))):
					t.Errorf("%d, %d: %v, must name %s", i, k, err, paths[1])
				case !bad && err != nil:
					t.Errorf("%d, %d: %v", i, k, err)
				}
				for _, p := range paths {
					if raw, err := os.ReadFile(p); !bad && (err != nil || string(raw) != p) {
						t.Errorf("%s is not there when its Flush has returned: %q, %v", p, raw, err)
					}
				}
			}
		})
	}
	all.Wait()
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 160 {
		t.Errorf("%d names, must be 160 (%v)", len(names), err)
	}
}
