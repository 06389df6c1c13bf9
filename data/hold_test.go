package data

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"csnet/internal/imagefile"
	"csnet/internal/wholefile"
)

// What a pair needs is found from the beginnings of its files, and is as much as its
// pictures and what is made of them have; what is no picture needs next to nothing.
func TestNeed(t *testing.T) {
	dir := t.TempDir()
	photo, mask := filepath.Join(dir, "a.png"), filepath.Join(dir, "b.png")
	write(t, photo, pngBytes(t, drawPhoto(300, 200, 1)))
	write(t, mask, pngBytes(t, drawPhoto(300, 200, 2)))
	if n := need(readBytes, photo, mask, ""); n < 2*300*200*(3+readBytes) || n > 2*300*200*(9+readBytes)+1<<20 {
		t.Errorf("a pair of 60000 pixels needs %d bytes", n)
	}
	text := filepath.Join(dir, "c.jpg")
	write(t, text, []byte("no picture"))
	if n := need(readBytes, text, filepath.Join(dir, "nowhere"), dir); n > 100 {
		t.Errorf("no picture needs %d bytes", n)
	}
}

// A reader that held a large picture keeps none of its memory.
func TestHoldDropsBuffers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	write(t, path, pngBytes(t, drawPhoto(64, 48, 1)))
	for perPixel, want := range map[int64]bool{0: true, 1 << 20: false} {
		var r reader
		give := r.hold(newRoom(), perPixel, path)
		if err := r.readMask(path, Coding{}); err != nil {
			t.Fatal(err)
		}
		give()
		if kept := r.mask.Pix != nil; kept != want {
			t.Errorf("%d bytes a pixel: buffers are kept: %v, want %v", perPixel, kept, want)
		}
	}
}

// Pictures that each need more than the room are read one after the other, and all
// are read: nobody waits for ever.
func TestInspectInNoRoom(t *testing.T) {
	pairs := bigSet(t)
	room := imagefile.NewRoom(1, 0)
	c := &inspector{pairs: pairs, readers: make([]reader, 3), rgb: make([][]uint8, 3), alpha: make([][]uint8, 3), hashes: make([]fileHash, 3), found: make([]finding, 3), room: room}
	done := make(chan bool)
	for i := range 3 {
		go func() { c.pair(i, i); done <- c.found[i].mask && c.found[i].photo }()
	}
	for range 3 {
		if !<-done {
			t.Error("a pair was not read")
		}
	}
}

// What a killed Shrink left behind goes with the next one.
func TestShrinkLeftovers(t *testing.T) {
	pairs := bigSet(t)
	dir := t.TempDir()
	left := filepath.Join(dir, ".csnet-0123abcd-99999999-0.tmp")
	write(t, filepath.Join(left, "images", "a.jpg"), []byte("half"))
	if err := Shrink(context.Background(), filepath.Join(dir, "out"), pairs, 100, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("the folder of a dead process is still there")
	}
	wholefile.Sweep(dir)
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
}
