package predict

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestWatch: photos that are there, that come, that are written in pieces and in
// new folders are done, each once; one that is still cut short at the end is told of.
func TestWatch(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	photo := pngOf(t, disc(40, 30))
	save(t, filepath.Join(dir, "there.png"), photo)
	save(t, filepath.Join(dir, "cut.png"), photo[:len(photo)/2])
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	done, bad := make(map[string]int), make(map[string]error)
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(done) }
	ended := make(chan error, 1)
	go func() {
		ended <- Watch(ctx, dir, Names{Out: out, Forms: []Form{Map}, Format: PNG}, Options{NewNet: newBright, Size: 32, Threads: 1, Style: style(Map),
			Done: func(j Job, _ Product, err error) {
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					done[filepath.Base(j.Photo)]++
				} else {
					bad[filepath.Base(j.Photo)] = err
				}
			}})
	}()
	wait := func(n int) {
		for range 600 {
			if count() >= n {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Fatalf("%v done, want %d", done, n)
	}
	wait(1)
	f, err := os.Create(filepath.Join(dir, "slow.png"))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(photo); i += len(photo)/5 + 1 {
		if _, err := f.Write(photo[i:min(i+len(photo)/5+1, len(photo))]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(150 * time.Millisecond)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	save(t, filepath.Join(dir, "new/deep/x.png"), photo)
	save(t, filepath.Join(dir, "notes.txt"), photo)
	wait(3)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := bad["cut.png"]; len(bad) != 1 || err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("%v could not be read, want cut.png, cut short", bad)
	}
	for name, n := range done {
		if n != 1 {
			t.Errorf("%s was done %d times", name, n)
		}
	}
	if _, err := os.Stat(filepath.Join(out, "new", "deep", "x.png")); err != nil {
		t.Error(err)
	}
}
