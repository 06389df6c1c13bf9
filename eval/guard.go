package eval

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"csnet/internal/output"
	"csnet/internal/wholefile"
)

// MapKind is the kind of file that a map is.
func MapKind() output.Kind { return output.PNG(mapMark) }

const mapMark = "saliency map"

// guard decides, before any work, whether the maps and the report may be written
// where the options say.
func (o *Options) guard(tasks [][]*task) error {
	g := output.Guard{Overwrite: o.Overwrite}
	for _, row := range tasks {
		for _, t := range row {
			g.Reads("the checkpoint", t.method.Checkpoint)
			for _, it := range t.items {
				g.ReadsAmong("the mask", it.mask)
				if it.photo != "" {
					g.ReadsAmong("the photo", it.photo)
				}
				if it.given != "" {
					g.ReadsAmong("the map", it.given)
				}
			}
		}
	}
	for _, row := range tasks {
		for _, t := range row {
			if t.save == "" {
				continue
			}
			for _, it := range t.items {
				if err := g.File(filepath.Join(t.save, it.stem+".png"), MapKind()); err != nil {
					return fmt.Errorf("eval: --save-maps: %w", err)
				}
			}
		}
	}
	if o.Out != "" {
		if err := guardReport(&g, o.Out); err != nil {
			return err
		}
	}
	return o.writable()
}

// writable finds out whether files can be written where the options say.
func (o *Options) writable() error {
	for _, dir := range []struct{ flag, path string }{{"--save-maps", o.SaveMaps}, {"--out", o.Out}} {
		if dir.path == "" {
			continue
		}
		if err := wholefile.Probe(dir.path); err != nil {
			return fmt.Errorf("eval: %s: %w", dir.flag, err)
		}
	}
	return nil
}

// guardReport decides whether a report may be written into dir.
func guardReport(g *output.Guard, dir string) error {
	kind := output.Kind{Name: "part of a report", Is: func(string) bool { return isReport(dir) }}
	for _, name := range []string{"scores.md", "scores.tex", "scores.csv", "scores.json", "per_image.csv", "curves.csv", "report.html"} {
		if err := g.File(filepath.Join(dir, name), kind); err != nil {
			return fmt.Errorf("eval: --out: %w", err)
		}
	}
	st, err := os.Stat(dir)
	if err == nil && !st.IsDir() {
		return fmt.Errorf("eval: --out: %w", &output.Error{Path: dir, Text: "is no folder"})
	}
	return g.Folder(filepath.Join(dir, "curves"))
}

// isReport reports whether dir holds a report: every one has its scores as JSON.
func isReport(dir string) bool {
	raw, err := os.ReadFile(filepath.Join(dir, "scores.json"))
	var scores struct{ Sets, Methods json.RawMessage }
	return err == nil && json.Unmarshal(raw, &scores) == nil && (scores.Sets != nil || scores.Methods != nil)
}
