#!/usr/bin/env bash
# Uses the library as others do: from a module of its own outside this repository,
# with a replace directive. Runs the ten lines on a photo that it draws, and, where a
# C compiler is, eight goroutines on one model under the race detector.
# Usage: scripts/outside_module.sh
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp go.sum "$tmp/"
cd "$tmp"
cat > go.mod << END
module example.com/app

go 1.26.0

require csnet v0.0.0

replace csnet => $root
END
cat > main.go << 'END'
// Command app cuts out what stands out in a photo: app PHOTO CUTOUT.png
package main

import (
	"image"
	_ "image/jpeg"
	"image/png"
	"log"
	"os"

	"csnet"
)

func main() {
	if err := cutOut(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func cutOut(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	photo, _, err := image.Decode(f)
	if err != nil {
		return err
	}
	m, err := csnet.Embedded(csnet.Options{})
	if err != nil {
		return err
	}
	defer m.Close()
	cut, err := m.CutOut(photo)
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer out.Close()
	return png.Encode(out, cut)
}
END
cat > app_test.go << 'END'
package main

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"slices"
	"sync"
	"testing"

	"csnet"
)

// photo is a bright disc on a dark ground.
func photo() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 160, 120))
	for i := range 160 * 120 {
		x, y := i%160, i/160
		c := color.NRGBA{40, 50, 60, 255}
		if (x-80)*(x-80)+(y-60)*(y-60) < 900 {
			c = color.NRGBA{230, 180, 40, 255}
		}
		m.SetNRGBA(x, y, c)
	}
	return m
}

func TestTenLines(t *testing.T) {
	t.Chdir(t.TempDir())
	f, err := os.Create("photo.png")
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, photo()); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := cutOut("photo.png", "cut.png"); err != nil {
		t.Fatal(err)
	}
	f, err = os.Open("cut.png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cut, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	_, _, _, in := cut.At(80, 60).RGBA()
	_, _, _, out := cut.At(2, 2).RGBA()
	if in <= out {
		t.Errorf("alpha is %d in the disc and %d in the corner", in>>8, out>>8)
	}
}

func TestEightGoroutines(t *testing.T) {
	m, err := csnet.Embedded(csnet.Options{Nets: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	want, err := m.Map(photo())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 3 {
				if got, err := m.Map(photo()); err != nil || !slices.Equal(got.Pix, want.Pix) {
					t.Errorf("another map (%v)", err)
				}
				if _, err := m.CutOut(photo()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
END
export GOFLAGS=-mod=mod
go vet ./...
if command -v "${CC:-gcc}" > /dev/null; then
  CGO_ENABLED=1 go test -race -v ./... | grep -v '^=== '
else
  echo "without the race detector: no C compiler here"
  go test -v ./... | grep -v '^=== '
fi
