package train

import "fmt"

// Score is the result of a validation, under salmetric but for WF.
type Score struct {
	MAE, MaxF float64
	ObjMaxF   float64 // maxF over the pictures whose mask is not empty; MaxF where none is
	WF        float64 // weighted F (pysod), where Config.Best asks for it
}

// Baselines are what maps score on the validation pictures that do not look at the
// photo.
type Baselines struct {
	Gaussian Score // a bell around the middle
	White    Score // all foreground
	Black    Score // all background
}

// The measures by which Config.Best ranks.
const (
	BestMAE  = "MAE"
	BestMaxF = "maxF"
	BestWF   = "wF"
)

// Sight is how much a net sees, in words that its score allows.
type Sight int

// Maps that find less than a white map does are as good as black; maps that find
// no more than a Gaussian, which does not look at the photo, are blind.
const (
	Black Sight = iota
	Blind
	Sees
)

// Sight tells how much a net of score s sees. Without baselines every net does.
func (b *Baselines) Sight(s Score) Sight {
	switch {
	case b == nil || s.ObjMaxF > b.Gaussian.ObjMaxF:
		return Sees
	case s.ObjMaxF > 0.9*b.White.ObjMaxF:
		return Blind
	}
	return Black
}

// Better says whether score a ranks above s by a measure. Of small objects a black
// map has a smaller error than most nets that find them; so nets that see rank
// above blind ones, and those above black ones, whatever their error. Equals are
// told apart by the MAE.
func (b *Baselines) Better(measure string, a, s Score) bool {
	if x, y := b.Sight(a), b.Sight(s); x != y {
		return x > y
	}
	switch measure {
	case BestMaxF:
		if a.ObjMaxF != s.ObjMaxF {
			return a.ObjMaxF > s.ObjMaxF
		}
	case BestWF:
		if a.WF != s.WF {
			return a.WF > s.WF
		}
	}
	return a.MAE < s.MAE
}

// set puts a score into a line.
func (l *Line) set(s *Score) {
	l.ValMAE, l.ValMaxF = &s.MAE, &s.MaxF
	if s.WF != 0 {
		l.ValWF = &s.WF
	}
	if s.ObjMaxF != s.MaxF {
		l.ValObjMaxF = &s.ObjMaxF
	}
}

// Score gives the score of a line, nil where it follows no validation.
func (l *Line) Score() *Score {
	if l.ValMAE == nil || l.ValMaxF == nil {
		return nil
	}
	s := &Score{MAE: *l.ValMAE, MaxF: *l.ValMaxF, ObjMaxF: *l.ValMaxF}
	if l.ValObjMaxF != nil {
		s.ObjMaxF = *l.ValObjMaxF
	}
	if l.ValWF != nil {
		s.WF = *l.ValWF
	}
	return s
}

// checkBest refuses an unknown measure.
func checkBest(measure string) error {
	switch measure {
	case "", BestMAE, BestMaxF, BestWF: // "" is MAE
		return nil
	}
	return fmt.Errorf("train: train.best is %q, must be %s, %s or %s", measure, BestMAE, BestMaxF, BestWF)
}
