package imagefile

import (
	"image"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// However many ask, what is taken together stays within the room, but for one that
// needs more than all of it and has it alone; all get it.
func TestRoom(t *testing.T) {
	r := NewRoom(100, 0)
	var used, holders, most atomic.Int64
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			n := int64(1 + i*7%150) // some above the room
			give, err := r.Take(n)
			if err != nil {
				t.Error(err)
				return
			}
			now, others := used.Add(n), holders.Add(1)
			if now > 100 && (n < 100 || others > 1 && now != n) {
				t.Errorf("%d are held by %d", now, others)
			}
			most.Store(max(most.Load(), now))
			runtime.Gosched()
			holders.Add(-1)
			used.Add(-n)
			give()
		})
	}
	wg.Wait()
	if most.Load() == 0 {
		t.Error("nobody took any")
	}
	if r.used != 0 || r.turn != 64 {
		t.Errorf("%d are left taken after turn %d", r.used, r.turn)
	}
}

func TestRoomRefuses(t *testing.T) {
	if _, err := NewRoom(10, 100<<20).Take(200 << 20); err == nil || !strings.Contains(err.Error(), "needs about 200 MB to be decoded, 100 MB are left") {
		t.Errorf("got %v", err)
	}
	var none *Room
	give, err := none.Take(1 << 40)
	if err != nil {
		t.Fatal(err)
	}
	give()
}

// The estimate is no less than what is allocated for decoding, and not absurd, for a
// file of every kind; the beginning of a file says the same as all of it.
func TestNeed(t *testing.T) {
	files := encoded(t)
	for name, content := range stored(t) {
		files[name] = content
	}
	for name, content := range files {
		f, err := Open(content)
		if err != nil {
			continue // of a kind that this build does not read
		}
		img, err := f.Decode()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rgb := int64(3 * f.W * f.H)
		most := 12 * rgb
		if f.Kind == HEIC || f.Kind == AVIF { // as measured with large pictures
			most = wasmBytes * rgb / 3
		}
		if need := f.Need(0); need < held(img) || need > most+2*int64(len(content)) {
			t.Errorf("%s: estimated %d, the picture has %d, as RGB %d", name, need, held(img), rgb)
		}
		head, ok := Head(content, int64(len(content)))
		if !ok || head.W != f.W || head.H != f.H || head.Need(0) != f.Need(0)+int64(len(content)) {
			t.Errorf("%s: its beginning says otherwise: %v %v", name, head, ok)
		}
	}
	if _, ok := Head([]byte("\xff\xd8\xff\xe1"), 4); ok {
		t.Error("a header that is cut off was read")
	}
}

// A picture decoded at an eighth needs far less, unless it is progressive.
func TestNeedOfReduced(t *testing.T) {
	f := &File{Kind: JPEG, W: 8000, H: 6000, content: []byte("\xff\xd8\xff\xc0\x00\x11\x08\x17\x70\x1f\x40\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01")}
	if full, small := f.Need(0), f.Need(400); full != 2*72e6+int64(len(f.content)) || small > full/60+100 {
		t.Errorf("in full %d, at an eighth %d", full, small)
	}
	f.content[3] = 0xc2
	if full, small := f.Need(0), f.Need(400); full < 6*72e6 || small > full/40 {
		t.Errorf("progressive: in full %d, at an eighth %d", full, small)
	}
}

// held is the bytes of a picture's pixels.
func held(img image.Image) int64 {
	switch m := img.(type) {
	case *image.YCbCr:
		return int64(len(m.Y) + len(m.Cb) + len(m.Cr))
	case *image.NYCbCrA:
		return int64(len(m.Y) + len(m.Cb) + len(m.Cr) + len(m.A))
	case *image.Gray:
		return int64(len(m.Pix))
	case *image.Gray16:
		return int64(len(m.Pix))
	case *image.RGBA:
		return int64(len(m.Pix))
	case *image.NRGBA:
		return int64(len(m.Pix))
	case *image.RGBA64:
		return int64(len(m.Pix))
	case *image.NRGBA64:
		return int64(len(m.Pix))
	case *image.CMYK:
		return int64(len(m.Pix))
	case *image.Paletted:
		return int64(len(m.Pix))
	}
	return 0
}
