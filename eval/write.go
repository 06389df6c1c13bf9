package eval

import "path/filepath"

// WriteReport writes the report into a folder: scores.md, scores.tex,
// scores.csv, scores.json, per_image.csv, curves.csv, curves/*.png and *.svg,
// report.html. Each file is written whole or not at all.
func (r *Report) WriteReport(dir string) error {
	figures, err := r.figures()
	if err != nil {
		return err
	}
	html, err := r.html(figures)
	if err != nil {
		return err
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
		files = append(files, file{filepath.Join("curves", f.name+".png"), f.png}, file{filepath.Join("curves", f.name+".svg"), f.svg})
	}
	files = append(files, file{"report.html", html}) // last: it is there only when all is
	for _, f := range files {
		if err := writeFile(filepath.Join(dir, f.name), f.content); err != nil {
			return err
		}
	}
	return nil
}
