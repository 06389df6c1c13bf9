package output

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"path/filepath"
	"testing"
)

// A marked PNG decodes to the same pixels, is known again, and only as what it is;
// it makes no difference in which pieces it is written.
func TestMarkPNG(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 5, 3))
	for i := range img.Pix {
		img.Pix[i] = uint8(17 * i)
	}
	var plain bytes.Buffer
	if err := png.Encode(&plain, img); err != nil {
		t.Fatal(err)
	}
	var want string
	for _, piece := range []int{1, 7, 32, 33, 34, 1 << 20} {
		var b bytes.Buffer
		w := MarkPNG(&b, "saliency map")
		for raw := plain.Bytes(); len(raw) > 0; raw = raw[min(piece, len(raw)):] {
			if n, err := w.Write(raw[:min(piece, len(raw))]); err != nil || n != min(piece, len(raw)) {
				t.Fatal(n, err)
			}
		}
		if want == "" {
			want = b.String()
		}
		if b.String() != want {
			t.Errorf("pieces of %d give other bytes", piece)
		}
	}
	got, err := png.Decode(bytes.NewReader([]byte(want)))
	if err != nil || !bytes.Equal(got.(*image.Gray).Pix, img.Pix) {
		t.Errorf("decodes to %v, %v", got, err)
	}
	dir := t.TempDir()
	marked, bare := write(t, filepath.Join(dir, "a.png"), want), write(t, filepath.Join(dir, "b.png"), plain.String())
	for _, c := range []struct {
		path, what string
		is         bool
	}{{marked, "saliency map", true}, {marked, "mean mask", false}, {bare, "saliency map", false}, {dir, "saliency map", false}, {bare + "x", "saliency map", false}} {
		if k := PNG(c.what); k.Is(c.path) != c.is {
			t.Errorf("%s is %s: %v", c.path, k.Name, !c.is)
		}
	}
	if _, err := MarkPNG(failing{}, "x").Write(plain.Bytes()); err == nil {
		t.Error("an error of the writer was lost")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
