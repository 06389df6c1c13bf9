package prune

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"csnet/model"
)

// planFormat is the format that plan files state.
const planFormat = "csnet-plan/1"

// planFile is a plan as a file: what goes, why, and of which net.
type planFile struct {
	Format string     `json:"format"`
	Spec   model.Spec `json:"spec"`
	Plan   *Plan      `json:"plan"`
}

// Write writes the plan for nets of this spec as JSON.
func (p *Plan) Write(w io.Writer, spec model.Spec) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(planFile{planFormat, spec, p})
}

// ReadPlan reads what Write wrote and checks that it fits a net of this spec.
// Errors: other JSON; another format; another net, with both Specs in the text;
// channels that are not there.
func ReadPlan(r io.Reader, spec model.Spec) (*Plan, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var f planFile
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("prune: not a plan: %w", err)
	}
	if f.Format != planFormat || f.Plan == nil {
		return nil, fmt.Errorf("prune: not a plan: format is %q, must be %q", f.Format, planFormat)
	}
	if !reflect.DeepEqual(f.Spec, spec) {
		return nil, fmt.Errorf("prune: the plan is for another net:\n  the plan's:       %s\n  the checkpoint's: %s", describe(f.Spec), describe(spec))
	}
	if _, err := ParseFold(string(f.Plan.Fold)); err != nil {
		return nil, err
	}
	if _, err := f.Plan.fit(spec, nil); err != nil {
		return nil, err
	}
	f.Plan.Removed = 0
	for _, g := range f.Plan.Groups {
		f.Plan.Removed += len(g.Remove)
	}
	return f.Plan, nil
}

// describe is a Spec in one line: channels per octave of every block.
func describe(s model.Spec) string {
	line := fmt.Sprintf("%d parameters;", s.ParamCount())
	for i, st := range s.Stages {
		line += fmt.Sprintf(" stage%d", i)
		for _, b := range st.Blocks {
			line += " " + slashed(b.Out)
		}
		line += ";"
	}
	if s.Head == nil {
		return line + " no head"
	}
	return fmt.Sprintf("%s head %s, %v, %d", line, slashed(s.Head.Fuse), s.Head.MS, s.Head.Out)
}

// slashed writes counts as 19/13.
func slashed(counts []int) string {
	out := ""
	for i, c := range counts {
		if i > 0 {
			out += "/"
		}
		out += fmt.Sprint(c)
	}
	return out
}

// IsPlan reports whether content is, or begins like, a file that Write wrote.
func IsPlan(begin []byte) bool {
	return bytes.Contains(begin[:min(len(begin), 64)], []byte(`"format": "csnet-plan/`))
}
