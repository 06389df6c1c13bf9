package eval

import (
	"fmt"
	"strings"

	"csnet/data"
	"csnet/metrics"
)

// Report is what Run found out.
type Report struct {
	Protocol metrics.Protocol
	Methods  []MethodReport // in the order of Options
	Samples  [][]Sample     // of each set; with Options.Report
}

// MethodReport is one method on all sets.
type MethodReport struct {
	Name       string
	Kind       string  // checkpoint, maps or baseline
	Size       int     // side of the net input, 0 without a net
	Params     int     // parameters, 0 when not known
	MACs       int     // multiply-adds for one image, 0 when not known
	Timed      int     // images whose maps were timed; with Options.Seconds
	Seconds    float64 // that the net took for them on one thread each, without reading files
	Checkpoint string  // SHA-256 of the checkpoint file; with Options.Report
	Sets       []SetReport
}

// SetReport is one method on one set.
type SetReport struct {
	Name     string
	Result   metrics.Result
	Objects  *metrics.Result // over the masks with foreground alone; nil where all have some
	Gaussian *metrics.Result // what a centred Gaussian scores on the same masks, MAE and maxF alone; of the first method
	Masks    data.Masks      // how the masks were read, and how many are empty
	Read     []string        // how files were read where that is not plain, a line each
	PerImage []ImageScore    // by stem
	Missing  []string        // stems of masks without a map (or photo)
	Surplus  []string        // files without a mask
	Names    string          // how map names differ from mask names, "" when not
	Data     string          // digest of the data; with Options.Report
}

// ImageScore is one image's scores, or why it has none.
type ImageScore struct {
	Stem   string
	Scores metrics.Scores
	Fit    string // of a stored map: its size before it was resized, or "turned"; "" else
	NoSm   bool   // S is NaN in PySODMetrics
	File   string // with Err: the bad file
	Err    error
}

// Bad lists what kept an image from being scored: one line each.
func (s *SetReport) Bad() []string {
	var out []string
	for _, im := range s.PerImage {
		if im.Err != nil {
			out = append(out, im.Err.Error())
		}
	}
	return out
}

// Notes lists everything a reader must know of how complete the scores are, a
// line each: how masks were read where that is not plain, empty masks, bad,
// missing and surplus files, names that were matched loosely.
func (r *Report) Notes() []string {
	var out []string
	for k := range r.Methods[0].Sets {
		out = append(out, r.setNotes(k)...)
	}
	for _, m := range r.Methods {
		for i := range m.Sets {
			s := &m.Sets[i]
			at := m.Name + " on " + s.Name + ": "
			out = append(out, s.fitted(at)...)
			if s.Names != "" {
				out = append(out, at+"matched "+s.Names)
			}
			for _, b := range s.Bad() {
				out = append(out, at+"not scored: "+b)
			}
			for _, stem := range s.Missing {
				out = append(out, at+missingLine(m.Kind, stem))
			}
			for _, f := range s.Surplus {
				out = append(out, at+"no mask for "+f)
			}
		}
	}
	return out
}

func missingLine(kind, stem string) string {
	if kind == "maps" {
		return "not scored: no map for mask " + stem
	}
	return "not scored: no photo for mask " + stem
}

// Err is nil when every mask of every set was scored, else it counts what was
// not; Notes has the list. Surplus files are no error.
func (r *Report) Err() error {
	bad, missing := 0, 0
	for _, m := range r.Methods {
		for i := range m.Sets {
			bad += len(m.Sets[i].Bad())
			missing += len(m.Sets[i].Missing)
		}
	}
	if bad+missing == 0 {
		return nil
	}
	var parts []string
	if bad > 0 {
		parts = append(parts, fmt.Sprintf("%d unreadable or unfit", bad))
	}
	if missing > 0 {
		parts = append(parts, fmt.Sprintf("%d missing", missing))
	}
	return fmt.Errorf("eval: %s: not all images were scored (--skip-bad accepts that)", strings.Join(parts, ", "))
}
