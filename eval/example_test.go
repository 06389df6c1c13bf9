package eval_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"csnet/eval"
	"csnet/metrics"
)

// drawMap writes a picture of 32 x 32 pixels whose left half has one grey and whose right
// half another.
func drawMap(path string, left, right uint8) error {
	m := image.NewGray(image.Rect(0, 0, 32, 32))
	for i := range m.Pix {
		if m.Pix[i] = right; i%32 < 16 {
			m.Pix[i] = left
		}
	}
	m.Set(0, 0, color.Gray{Y: left})
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return png.Encode(f, m)
}

// Maps of any method are scored against masks: here one that is right but for its
// sureness, beside the baseline that calls all of the picture foreground.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for path, grey := range map[string][2]uint8{"set/masks/1.png": {255, 0}, "set/masks/2.png": {0, 255}, "maps/1.png": {230, 25}, "maps/2.png": {25, 230}} {
		if err := drawMap(filepath.Join(dir, path), grey[0], grey[1]); err != nil {
			fmt.Println(err)
			return
		}
	}
	report, err := eval.Run(context.Background(), eval.Options{
		Methods:  []eval.Method{{Name: "ours", Maps: filepath.Join(dir, "maps")}, {Name: "all", Draw: eval.AllForeground}},
		Sets:     []eval.Set{{Name: "halves", Dir: filepath.Join(dir, "set")}},
		Protocol: metrics.PySOD,
		Threads:  1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range report.Methods {
		scores := m.Sets[0].Result.PySOD
		fmt.Printf("%-4s on %s: MAE %.3f, maxF %.3f\n", m.Name, m.Sets[0].Name, scores.MAE, scores.MaxF)
	}
	// Output:
	// ours on halves: MAE 0.000, maxF 1.000
	// all  on halves: MAE 0.500, maxF 0.565
}
