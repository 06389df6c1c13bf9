package metrics

// Aggregate adds up the Images of a set in constant memory (about 25 KB).
// Sums are exact (exactSum), so any order of Add and any grouping by Merge
// give the same digits: every worker keeps its own and they are merged at the
// end. The zero value is ready. It is not safe for concurrent use.
type Aggregate struct {
	protocol Protocol
	images   int
	sal      struct {
		mae               exactSum
		precision, recall curveSum
	}
	py struct {
		mae, adpF, wf, sm, adpE exactSum
		iou, dice, ber          exactSum
		precision, recall, f, e curveSum
	}
}

// Add counts one image. All images of a set are scored under one protocol.
func (a *Aggregate) Add(im *Image) {
	a.protocol = im.Protocol
	a.images++
	if im.Protocol.Has(SalMetric) {
		a.sal.mae.add(im.Sal.MAE)
		a.sal.precision.add(&im.Sal.Precision)
		a.sal.recall.add(&im.Sal.Recall)
	}
	if im.Protocol.Has(PySOD) {
		p, s := &im.Py, &a.py
		s.mae.add(p.MAE)
		s.adpF.add(p.AdpF)
		s.wf.add(p.WF)
		s.sm.add(p.Sm)
		s.adpE.add(p.AdpE)
		s.iou.add(p.IoU)
		s.dice.add(p.Dice)
		s.ber.add(p.BER)
		s.precision.add(&p.Precision)
		s.recall.add(&p.Recall)
		s.f.add(&p.F)
		s.e.add(&p.E)
	}
}

// Merge adds what another Aggregate of the same protocol has counted.
func (a *Aggregate) Merge(b *Aggregate) {
	if b.images == 0 {
		return
	}
	a.protocol = b.protocol
	a.images += b.images
	a.sal.mae.plus(b.sal.mae)
	a.sal.precision.plus(&b.sal.precision)
	a.sal.recall.plus(&b.sal.recall)
	a.py.mae.plus(b.py.mae)
	a.py.adpF.plus(b.py.adpF)
	a.py.wf.plus(b.py.wf)
	a.py.sm.plus(b.py.sm)
	a.py.adpE.plus(b.py.adpE)
	a.py.iou.plus(b.py.iou)
	a.py.dice.plus(b.py.dice)
	a.py.ber.plus(b.py.ber)
	a.py.precision.plus(&b.py.precision)
	a.py.recall.plus(&b.py.recall)
	a.py.f.plus(&b.py.f)
	a.py.e.plus(&b.py.e)
}

// Result is what a set scored. Scores and curves are nil for a protocol that
// was not asked for, and all of them when there was no image.
type Result struct {
	Images int
	Scores
	SalMetricCurves *Curves
	PySODCurves     *Curves
}

// Curves of a protocol, nil when it was not asked for.
func (r *Result) Curves(p Protocol) *Curves {
	switch p {
	case SalMetric:
		return r.SalMetricCurves
	case PySOD:
		return r.PySODCurves
	}
	return nil
}

// Result averages over the images added so far.
func (a *Aggregate) Result() Result {
	n := a.images
	r := Result{Images: n}
	if n == 0 {
		return r
	}
	if a.protocol.Has(SalMetric) {
		c := &Curves{Precision: a.sal.precision.mean(n), Recall: a.sal.recall.mean(n)}
		c.F = salMetricF(&c.Precision, &c.Recall)
		r.SalMetricCurves = c
		r.SalMetric = &SalMetricScores{MAE: a.sal.mae.mean(n), MaxF: maxOf(c.F)}
	}
	if a.protocol.Has(PySOD) {
		s := &a.py
		c := &Curves{Precision: s.precision.mean(n), Recall: s.recall.mean(n), F: s.f.mean(n), E: s.e.mean(n)}
		r.PySODCurves = c
		r.PySOD = &PySODScores{
			MAE: s.mae.mean(n), MaxF: maxOf(c.F), MeanF: meanOf(c.F), AdpF: s.adpF.mean(n),
			WF: s.wf.mean(n), Sm: s.sm.mean(n), MaxE: maxOf(c.E), MeanE: meanOf(c.E), AdpE: s.adpE.mean(n),
			IoU: s.iou.mean(n), Dice: s.dice.mean(n), BER: s.ber.mean(n),
		}
	}
	return r
}
