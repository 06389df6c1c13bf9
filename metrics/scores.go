package metrics

// Thresholds is the number of points of every curve.
const Thresholds = 256

// Curve holds one value per threshold t = 0..255. Under salmetric a pixel is
// positive when its value is > t, under pysod when it is >= t.
type Curve [Thresholds]float64

// SalMetricScores are the measures of the paper's protocol.
type SalMetricScores struct {
	MaxF float64 `json:"maxF"`
	MAE  float64 `json:"MAE"`
}

// PySODScores are the measures of PySODMetrics.
type PySODScores struct {
	MAE   float64 `json:"MAE"`
	MaxF  float64 `json:"maxF"`
	MeanF float64 `json:"meanF"`
	AdpF  float64 `json:"adpF"`
	WF    float64 `json:"wF"`
	Sm    float64 `json:"Sm"`
	MaxE  float64 `json:"maxE"`
	MeanE float64 `json:"meanE"`
	AdpE  float64 `json:"adpE"`
	IoU   float64 `json:"IoU"`
	Dice  float64 `json:"Dice"`
	BER   float64 `json:"BER"`
}

// Scores holds what was asked for; the other protocol is nil.
type Scores struct {
	SalMetric *SalMetricScores `json:"salmetric,omitempty"`
	PySOD     *PySODScores     `json:"pysod,omitempty"`
}

// Value finds a measure by protocol and name; false when it is not there.
func (s Scores) Value(p Protocol, measure string) (float64, bool) {
	switch {
	case p == SalMetric && s.SalMetric != nil:
		return pick(p, measure, s.SalMetric.MaxF, s.SalMetric.MAE)
	case p == PySOD && s.PySOD != nil:
		v := s.PySOD
		return pick(p, measure, v.MAE, v.MaxF, v.MeanF, v.AdpF, v.WF, v.Sm, v.MaxE, v.MeanE, v.AdpE, v.IoU, v.Dice, v.BER)
	}
	return 0, false
}

// pick returns the value standing where p.Measures() names the measure.
func pick(p Protocol, measure string, values ...float64) (float64, bool) {
	for i, name := range p.Measures() {
		if name == measure {
			return values[i], true
		}
	}
	return 0, false
}

// Curves are means over a set's images. E is zero under salmetric.
type Curves struct {
	Precision, Recall, F, E Curve
}

// Image is what one pair gives: the terms that are averaged over a set.
// Only the parts of its Protocol are filled.
type Image struct {
	Protocol   Protocol
	Foreground int  // pixels of the mask above 128
	NoSm       bool // PySODMetrics gives NaN for S: one pixel alone, or a centroid in the last row or column
	Sal        struct {
		MAE               float64
		Precision, Recall Curve
	}
	Py struct {
		MAE, AdpF, WF, Sm, AdpE float64
		IoU, Dice, BER          float64
		Precision, Recall, F, E Curve
	}
}

// Scores gives the measures of a set that is this one image.
func (im *Image) Scores() Scores {
	var s Scores
	if im.Protocol.Has(SalMetric) {
		s.SalMetric = &SalMetricScores{MAE: im.Sal.MAE, MaxF: maxOf(salMetricF(&im.Sal.Precision, &im.Sal.Recall))}
	}
	if im.Protocol.Has(PySOD) {
		p := &im.Py
		s.PySOD = &PySODScores{
			MAE: p.MAE, MaxF: maxOf(p.F), MeanF: meanOf(p.F), AdpF: p.AdpF,
			WF: p.WF, Sm: p.Sm, MaxE: maxOf(p.E), MeanE: meanOf(p.E), AdpE: p.AdpE,
			IoU: p.IoU, Dice: p.Dice, BER: p.BER,
		}
	}
	return s
}

func maxOf(c Curve) float64 {
	m := c[0]
	for _, v := range c {
		m = max(m, v)
	}
	return m
}

func meanOf(c Curve) float64 {
	var s float64
	for _, v := range c {
		s += v
	}
	return s / Thresholds
}
