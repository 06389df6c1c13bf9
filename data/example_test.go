package data_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"csnet/data"
)

// square draws a photo of side x side pixels with a square on it, and its mask.
func square(side int) (photo, mask image.Image) {
	p, m := image.NewNRGBA(image.Rect(0, 0, side, side)), image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			p.Set(x, y, color.NRGBA{R: uint8(4 * x), G: uint8(4 * y), B: 90, A: 255})
			if x >= side/4 && x < side/2 && y >= side/4 && y < side/2 {
				p.Set(x, y, color.White)
				m.Set(x, y, color.White)
			}
		}
	}
	return p, m
}

// drawSet writes n photos to dir/images and their masks to dir/masks.
func drawSet(dir string, n int) error {
	for i := range n {
		photo, mask := square(40 + i)
		for sub, picture := range map[string]image.Image{"images": photo, "masks": mask} {
			if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
				return err
			}
			f, err := os.Create(filepath.Join(dir, sub, fmt.Sprintf("%03d.png", i)))
			if err != nil {
				return err
			}
			if err := png.Encode(f, picture); err != nil {
				return err
			}
			if err := f.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}

// A set is found in a folder by the names of its folders and files; a pair is read as a
// photo and a mask of one size.
func ExampleFind() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := drawSet(dir, 3); err != nil {
		fmt.Println(err)
		return
	}
	set, err := data.Find(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	photo, mask, _, err := data.ReadPair(set.Pairs[2])
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d pairs; %s: photo %dx%d, mask %dx%d\n", len(set.Pairs), filepath.Base(set.Pairs[2].Image), photo.W, photo.H, mask.W, mask.H)
	// Output:
	// 3 pairs; 002.png: photo 42x42, mask 42x42
}

// A Loader gives batches of normalised photos and their masks, in an order that the
// seed and the epoch decide.
func ExampleLoader() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := drawSet(dir, 5); err != nil {
		fmt.Println(err)
		return
	}
	set, err := data.Find(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	train, val := data.SplitValidation(set.Pairs, 0.2)
	l, err := data.NewLoader(data.LoaderOptions{Pairs: set.Pairs, Size: 32, Batch: 2, Seed: 1, Workers: 1, Augment: data.Augment{Flip: 0.5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d pairs, %d batches an epoch; %d + %d where a share is kept for validation\n", len(set.Pairs), l.Steps(), len(train), len(val))
	for b, err := range l.Epoch(context.Background(), 0, 0) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d pictures: %d values of photos, %d of masks\n", b.N, len(b.X), len(b.Y))
	}
	// Output:
	// 5 pairs, 2 batches an epoch; 4 + 1 where a share is kept for validation
	// 2 pictures: 6144 values of photos, 2048 of masks
	// 2 pictures: 6144 values of photos, 2048 of masks
}
