package eval

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"csnet/internal/wholefile"
)

// WriteReport writes the report into a folder: scores.md, scores.tex,
// scores.csv, scores.json, per_image.csv, curves.csv, curves/*.png and *.svg,
// report.html, which alone holds made. The folder is written whole or not at all: an older report in it
// goes in one step (see wholefile.Folder), other files in it stay.
func (r *Report) WriteReport(dir string, made Made) error {
	figures := r.figures()
	html, err := r.page(made, figures).HTML()
	if err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	scores, err := r.JSON()
	if err != nil {
		return err
	}
	type file struct {
		name    string
		content []byte
	}
	files := []file{
		{"scores.md", []byte(r.Markdown())}, {"scores.tex", []byte(r.LaTeX())}, {"scores.csv", r.CSV()},
		{"scores.json", append(scores, '\n')}, {"per_image.csv", r.PerImageCSV()}, {"curves.csv", r.CurvesCSV()},
	}
	for _, f := range figures {
		raw, err := f.chart.PNG()
		if err != nil {
			return fmt.Errorf("eval: %s: %w", f.name, err)
		}
		svg, err := f.chart.SVG()
		if err != nil {
			return fmt.Errorf("eval: %s: %w", f.name, err)
		}
		files = append(files, file{filepath.Join("curves", f.name+".png"), raw}, file{filepath.Join("curves", f.name+".svg"), svg})
	}
	files = append(files, file{"report.html", html})
	names := make(map[string]bool, len(files))
	for _, f := range files {
		names[filepath.ToSlash(f.name)] = true
	}
	folder := wholefile.FolderOptions{
		Own:  func(rel string) bool { return names[rel] || strings.HasPrefix(rel, "curves/") },
		Last: "report.html",
	}
	err = wholefile.Folder(dir, folder, func(dir string) error {
		if err := os.Mkdir(filepath.Join(dir, "curves"), 0o777); err != nil {
			return err
		}
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(dir, f.name), f.content, 0o666); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("eval: %s: %w", dir, err)
	}
	return nil
}
