package eval

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"csnet/internal/saliency"
	"csnet/metrics"
)

// setNotes tells what a reader must know of set k whatever the method: how its
// files were read, and how many masks are empty, with the scores over the others, or
// full.
func (r *Report) setNotes(k int) []string {
	s := &r.Methods[0].Sets[k]
	var out []string
	for _, line := range s.Read {
		out = append(out, s.Name+": "+line)
	}
	out = append(out, r.emptyMasks(k)...)
	if m := s.Masks; 2*m.Full > m.Count {
		out = append(out, fmt.Sprintf("%s: %d of %d masks are full, foreground all over: a white map scores well on them, whatever is in the photo", s.Name, m.Full, m.Count))
	}
	out = append(out, r.compared(k)...)
	for _, m := range r.Methods {
		if p := m.Sets[k].Result.PySOD; p != nil && p.MaxE > 1.01 {
			out = append(out, fmt.Sprintf("%s on %s: the mean maxE is %.4g, for E divides by the pixels less one: masks of a few pixels are in the set (PySODMetrics gives the same)", m.Name, s.Name, p.MaxE))
		}
	}
	if r.Protocol.Has(metrics.PySOD) {
		if n := s.undefined(); n > 0 {
			out = append(out, fmt.Sprintf("%s: PySODMetrics gives NaN for S on %d masks (a single pixel, or the centroid in the last row or column), and so for its mean; here they count with their limit", s.Name, n))
		}
	}
	return out
}

// compared tells what a centred Gaussian scores on set k, and which methods are no
// better.
func (r *Report) compared(k int) []string {
	s := &r.Methods[0].Sets[k]
	if s.Gaussian == nil {
		return nil
	}
	line := "a centred Gaussian on " + s.Name + ":"
	for _, p := range r.Protocol.Each() {
		f, _ := s.Gaussian.Value(p, "maxF")
		e, _ := s.Gaussian.Value(p, "MAE")
		line += fmt.Sprintf(" %s maxF %s, MAE %s;", p, digits(f), digits(e))
	}
	out := []string{strings.TrimSuffix(line, ";")}
	for _, m := range r.Methods {
		if m.Sets[k].blind(r.Protocol, s.Gaussian) {
			out = append(out, fmt.Sprintf("%s on %s: no better than a centred Gaussian, which does not look at the photo", m.Name, s.Name))
		}
	}
	return out
}

// blind says whether a method is no better than a Gaussian in maxF and MAE under
// every protocol.
func (s *SetReport) blind(protocol metrics.Protocol, gaussian *metrics.Result) bool {
	for _, p := range protocol.Each() {
		f, _ := s.Result.Value(p, "maxF")
		e, _ := s.Result.Value(p, "MAE")
		gf, _ := gaussian.Value(p, "maxF")
		ge, _ := gaussian.Value(p, "MAE")
		if f > gf || e < ge {
			return false
		}
	}
	return true
}

// fitted tells how many maps were resized, and from which sizes, or turned.
func (s *SetReport) fitted(at string) []string {
	sizes := make(map[string]int)
	resized, turned, reduced, sampled := 0, 0, 0, 0
	for _, im := range s.PerImage {
		switch {
		case im.Err != nil || im.Fit == "":
		case im.Fit == fitTurned:
			turned++
		case im.Fit == fitReduced:
			reduced++
		case im.Fit == fitSampled:
			sampled++
		default:
			resized++
			sizes[im.Fit]++
		}
	}
	var out []string
	if turned > 0 {
		out = append(out, fmt.Sprintf("%s%d maps were turned back to the photos as stored, on which the masks were drawn", at, turned))
	}
	if reduced > 0 {
		out = append(out, fmt.Sprintf("%s%d photos of more than %d pixels were reduced by area first, as csnet predict does: these are not the field's protocol's scores", at, reduced, saliency.Side))
	}
	if sampled > 0 {
		out = append(out, fmt.Sprintf("%s%d photos are of %d pixels or more: the field's protocol samples them, one pixel of many; with --reduce (eval.reduce) they are reduced by area first, as csnet predict does", at, sampled, 2*saliency.Side))
	}
	if resized > 0 {
		var names []string
		for size := range sizes {
			names = append(names, size)
		}
		slices.SortFunc(names, func(a, b string) int { return cmp.Or(sizes[b]-sizes[a], cmp.Compare(a, b)) })
		if len(names) > 3 {
			names = append(names[:3], "...")
		}
		out = append(out, fmt.Sprintf("%s%d of %d maps were resized, from %s", at, resized, len(s.PerImage), strings.Join(names, ", ")))
	}
	return out
}

// undefined counts the masks whose S is NaN in PySODMetrics.
func (s *SetReport) undefined() int {
	n := 0
	for _, im := range s.PerImage {
		if im.NoSm {
			n++
		}
	}
	return n
}

// emptyMasks says how many of set k's masks are empty and what each method scores
// on the others; nothing where all have foreground.
func (r *Report) emptyMasks(k int) []string {
	var out []string
	for _, m := range r.Methods {
		s := &m.Sets[k]
		if s.Objects == nil {
			continue
		}
		if len(out) == 0 {
			out = append(out, r.emptyLine(s))
		}
		if s.Objects.Images == 0 {
			continue
		}
		var parts []string
		for _, p := range r.Protocol.Each() {
			var values []string
			for _, measure := range p.Measures() {
				if v, ok := s.Objects.Value(p, measure); ok {
					values = append(values, measure+" "+digits(v))
				}
			}
			parts = append(parts, string(p)+" "+strings.Join(values, ", "))
		}
		out = append(out, fmt.Sprintf("%s on %s, over the %d masks with an object: %s", m.Name, s.Name, s.Objects.Images, strings.Join(parts, "; ")))
	}
	return out
}

func (r *Report) emptyLine(s *SetReport) string {
	empty := s.Result.Images - s.Objects.Images
	if s.Objects.Images == 0 {
		return fmt.Sprintf("%s: every mask is empty: these scores say nothing", s.Name)
	}
	line := fmt.Sprintf("%s: %d of %d masks are empty", s.Name, empty, s.Result.Images)
	if r.Protocol.Has(metrics.SalMetric) {
		line += ", and maxF (salmetric) counts each as found"
	}
	return line
}
