package eval

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"csnet/metrics"
)

// Gate is a bound that a score must keep: MAE at most Value, others at least.
type Gate struct {
	Text     string // as given
	Set      string
	Protocol metrics.Protocol
	Measure  string
	Value    float64
}

// ParseGates reads SET.[PROTOCOL.]MEASURE=V, the protocol only when the run
// scores both. Every error names the gate and what is allowed there.
func ParseGates(args, sets []string, run metrics.Protocol) ([]Gate, error) {
	gates := make([]Gate, 0, len(args))
	for _, a := range args {
		g, err := parseGate(a, sets, run)
		if err != nil {
			return nil, fmt.Errorf("eval: gate %q: %w", a, err)
		}
		gates = append(gates, g)
	}
	return gates, nil
}

func parseGate(arg string, sets []string, run metrics.Protocol) (Gate, error) {
	eq := strings.LastIndexByte(arg, '=')
	if eq < 0 {
		return Gate{}, fmt.Errorf("must be SET.MEASURE=VALUE")
	}
	v, err := strconv.ParseFloat(arg[eq+1:], 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return Gate{}, fmt.Errorf("%q is not a number", arg[eq+1:])
	}
	g := Gate{Text: arg, Value: v}
	rest := ""
	for _, s := range sets { // set names may hold dots: the longest that fits
		if after, ok := strings.CutPrefix(arg[:eq], s+"."); ok && len(s) > len(g.Set) {
			g.Set, rest = s, after
		}
	}
	if g.Set == "" {
		return Gate{}, fmt.Errorf("no such set, must be SET.MEASURE=VALUE with SET one of %s", strings.Join(sets, ", "))
	}
	g.Measure = rest
	if p, m, ok := strings.Cut(rest, "."); ok {
		g.Protocol, g.Measure = metrics.Protocol(p), m
	}
	return g, g.resolve(run)
}

// resolve finds the protocol and checks the measure.
func (g *Gate) resolve(run metrics.Protocol) error {
	if g.Protocol != "" && !slices.Contains(run.Each(), g.Protocol) {
		return fmt.Errorf("protocol %q is not scored in this run (%s)", g.Protocol, run)
	}
	var fits []metrics.Protocol
	var known []string
	for _, p := range run.Each() {
		if g.Protocol != "" && p != g.Protocol {
			continue
		}
		known = append(known, fmt.Sprintf("%s: %s", p, strings.Join(p.Measures(), " ")))
		if slices.Contains(p.Measures(), g.Measure) {
			fits = append(fits, p)
		}
	}
	switch len(fits) {
	case 0:
		return fmt.Errorf("no measure %q, must be one of %s", g.Measure, strings.Join(known, "; "))
	case 1:
		g.Protocol = fits[0]
		return nil
	}
	return fmt.Errorf("%s is a measure of both protocols, must be %s.%s.%s or %s.%s.%s", g.Measure,
		g.Set, fits[0], g.Measure, g.Set, fits[1], g.Measure)
}

// Missed lists the gates that a method of the report does not keep, a line each.
func (r *Report) Missed(gates []Gate) []string {
	var out []string
	for _, g := range gates {
		for _, m := range r.Methods {
			for _, s := range m.Sets {
				if s.Name != g.Set {
					continue
				}
				got, ok := s.Result.Value(g.Protocol, g.Measure)
				bound := "at least"
				miss := !(got >= g.Value)
				if metrics.SmallerIsBetter(g.Measure) {
					bound, miss = "at most", !(got <= g.Value)
				}
				if !ok || miss {
					out = append(out, fmt.Sprintf("gate %s missed: %s has %s %s %.6f on %s, must be %s %v",
						g.Text, m.Name, g.Protocol, g.Measure, got, s.Name, bound, g.Value))
				}
			}
		}
	}
	return out
}
