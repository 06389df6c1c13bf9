package csnet_test

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"csnet"
)

// disc is a photo of a bright disc on a dark ground.
func disc(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{40, 50, 60, 255}
			if dx, dy := x-w/2, y-h/2; dx*dx+dy*dy < w*w/25 {
				c = color.NRGBA{230, 180, 40, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func Example() {
	m, err := csnet.Embedded(csnet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	photo := disc(320, 240) // any image.Image
	cut, err := m.CutOut(photo)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cut.Bounds().Size())
	// Output: (320,240)
}

func ExampleModel_Mask() {
	m, err := csnet.Embedded(csnet.Options{Size: 96, Nets: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	mask, err := m.Mask(disc(64, 48))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(mask.GrayAt(0, 0).Y, mask.Bounds().Dx(), mask.Bounds().Dy())
	// Output: 0 64 48
}

// Many callers at once get what one gets, and a picture whose corner is not at the
// origin is no other picture.
func TestManyCallers(t *testing.T) {
	m, err := csnet.Embedded(csnet.Options{Size: 64, Nets: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	photo := disc(90, 70)
	want, err := m.Map(photo)
	if err != nil {
		t.Fatal(err)
	}
	moved := image.NewNRGBA(image.Rect(-5, 7, 85, 77))
	copy(moved.Pix, photo.Pix)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			var from image.Image = photo
			if i%2 == 1 {
				from = moved
			}
			got, err := m.Map(from)
			if err != nil {
				t.Error(err)
			} else if !slices.Equal(got.Pix, want.Pix) {
				t.Errorf("caller %d got another map", i)
			}
		})
	}
	wg.Wait()
	sharp, err := m.Sharp(photo)
	if err != nil || slices.Equal(sharp.Pix, want.Pix) {
		t.Errorf("a sharpened map is the plain one (%v)", err)
	}
}

func TestErrors(t *testing.T) {
	if _, err := csnet.Open(filepath.Join(t.TempDir(), "none.safetensors"), csnet.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	for _, o := range []csnet.Options{{Size: 100}, {Size: -16}, {Nets: -1}} {
		if _, err := csnet.Embedded(o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
	m, err := csnet.Embedded(csnet.Options{Nets: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, photo := range []image.Image{nil, image.NewGray(image.Rectangle{})} {
		if _, err := m.Map(photo); err == nil {
			t.Error("a photo without pixels is accepted")
		}
	}
	m.Close()
	m.Close()
	if _, err := m.Map(disc(8, 8)); !errors.Is(err, csnet.ErrClosed) {
		t.Errorf("a closed model: %v", err)
	}
}
