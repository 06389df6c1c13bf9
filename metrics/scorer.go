package metrics

import "fmt"

// Scorer turns pairs into Images. It holds scratch that is reused from image
// to image (some 30 bytes per pixel of the largest one): one Scorer a worker.
type Scorer struct {
	// Brief leaves the costly measures of pysod at 0: S, E and weighted F.
	Brief bool

	fg   foreground
	tool histogrammer
	hist histogram
	wf   weightedF
}

// NewScorer makes a Scorer.
func NewScorer() *Scorer { return &Scorer{} }

// Score fills out with the terms of one pair: pred and mask hold h rows of w
// values 0..255. It fails when a size or the protocol is wrong.
func (s *Scorer) Score(pred, mask []uint8, w, h int, protocol Protocol, out *Image) error {
	switch {
	case w < 1 || h < 1 || len(mask)/w != h || len(mask)%w != 0:
		return fmt.Errorf("metrics: mask has %d values, must have %dx%d", len(mask), w, h)
	case len(pred) != len(mask):
		return fmt.Errorf("metrics: map has %d values, mask %d (%dx%d)", len(pred), len(mask), w, h)
	}
	if _, err := ParseProtocol(string(protocol)); err != nil {
		return err
	}
	out.Protocol = protocol
	s.fg.reset(mask, w, h)
	out.Foreground = s.fg.count
	q := centroid(&s.fg)
	out.NoSm = undefinedS(&s.fg, q)
	s.tool.fill(&s.hist, pred, &s.fg, q)
	if protocol.Has(SalMetric) {
		out.Sal.MAE = salMetricMAE(pred, mask, &s.fg, &s.hist)
		salMetricPR(&s.hist, &out.Sal.Precision, &out.Sal.Recall)
	}
	if protocol.Has(PySOD) {
		s.pysod(pred, q, out)
	}
	return nil
}

func (s *Scorer) pysod(pred []uint8, q quadrants, out *Image) {
	p := stretch(s.hist.min, s.hist.max)
	n, fg := s.fg.w*s.fg.h, s.fg.count
	o := &out.Py
	o.MAE = pysodMAE(&s.hist, &p)
	curve := tails(&s.hist, &p)
	fMeasure(curve, fg, &o.Precision, &o.Recall, &o.F)
	tp, fp := halfCounts(&s.hist, &p)
	o.IoU, o.Dice, o.BER = overlap(tp, fp, fg, n)
	if s.Brief {
		o.AdpF, o.AdpE, o.Sm, o.WF, o.E = 0, 0, 0, 0, Curve{}
		return
	}
	eCurve(curve, fg, n, &o.E)
	tp, fp = adaptiveCounts(&s.hist, &p)
	o.AdpF = adaptiveF(tp, fp, fg)
	o.AdpE = eMeasure(tp, fp, fg, n)
	o.Sm = sMeasure(&s.hist, &p, q, s.fg.w, s.fg.h)
	o.WF = s.wf.score(pred, &s.fg, &p)
}
