// Package metrics scores saliency maps against masks as the field does, under
// two protocols whose numbers differ and are never mixed:
//
//	salmetric  the paper's: the map as stored, P and R averaged over images, then F
//	pysod      PySODMetrics 1.6: each map stretched to 0..1, measures averaged over images
//
// A Scorer turns one pair into an Image (one measure a file: mae.go, maxf.go,
// fmeasure.go, emeasure.go, smeasure.go, wfmeasure.go, overlap.go); an Aggregate adds
// Images up exactly, so that neither order nor threads change a digit.
// All arithmetic is float64.
package metrics

import "fmt"

// Protocol names how a set is scored.
type Protocol string

// The protocols; Both asks for the two side by side.
const (
	SalMetric Protocol = "salmetric"
	PySOD     Protocol = "pysod"
	Both      Protocol = "both"
)

// ParseProtocol checks a protocol's name.
func ParseProtocol(s string) (Protocol, error) {
	switch p := Protocol(s); p {
	case SalMetric, PySOD, Both:
		return p, nil
	}
	return "", fmt.Errorf("metrics: protocol %q is not one of salmetric, pysod, both", s)
}

// Has says whether p asks for q (salmetric or pysod).
func (p Protocol) Has(q Protocol) bool { return p == q || p == Both }

// Each lists the single protocols p asks for, salmetric first.
func (p Protocol) Each() []Protocol {
	if p == Both {
		return []Protocol{SalMetric, PySOD}
	}
	return []Protocol{p}
}

// Measures lists the names of p's measures in the order of its tables.
// MAE and BER are better when smaller, every other when larger.
func (p Protocol) Measures() []string {
	switch p {
	case SalMetric:
		return []string{"maxF", "MAE"}
	case PySOD:
		return []string{"MAE", "maxF", "meanF", "adpF", "wF", "Sm", "maxE", "meanE", "adpE", "IoU", "Dice", "BER"}
	}
	return nil
}

// SmallerIsBetter is true for the errors, MAE and BER.
func SmallerIsBetter(measure string) bool { return measure == "MAE" || measure == "BER" }
