package prune

import (
	"fmt"
	"math"

	"csnet/model"
)

// Fold says what becomes of the value that a removed channel goes on giving: of
// its beta, through PReLU and the depthwise layers after it.
//
// A channel whose gamma is 0 gives a constant. Where 1x1 convolutions alone read
// it, that constant can be added to what they give, exactly: it goes into the
// running mean of the norm after them (or the last convolution's bias). A 3x3
// convolution reads zeros beyond the border, so there the sum is right inside
// the map and off at its border.
type Fold string

// What becomes of the constants.
const (
	// FoldNone drops them, as the authors' release does.
	FoldNone Fold = "none"
	// FoldExact folds them; channels that cannot be folded exactly stay.
	FoldExact Fold = "exact"
	// FoldInterior folds the value inside the map, also where it differs near the
	// border, and that of channels which are not dead but the least alive.
	FoldInterior Fold = "interior"
)

// ParseFold returns the Fold of this name.
func ParseFold(name string) (Fold, error) {
	switch f := Fold(name); f {
	case FoldNone, FoldExact, FoldInterior:
		return f, nil
	}
	return "", fmt.Errorf("prune: fold is %q, must be exact, interior or none", name)
}

// deadGamma is the |gamma| up to which a channel counts as giving a constant: the
// paper's threshold, far below what a float32 sum can show.
const deadGamma = 1e-20

// Stay is a channel that the criterion chose but that stays in the net, as its
// constant cannot be folded exactly.
type Stay struct {
	Layer   string  `json:"layer"` // whose norm is the weakest of the channel's
	Octave  int     `json:"octave"`
	Channel int     `json:"channel"`
	Gamma   float64 `json:"gamma"` // of that norm
	Why     string  `json:"why"`
}

// constant is what a channel gives when the gamma of its weakest norm is taken
// as 0.
type constant struct {
	weakest norm
	gamma   float64
	before  float64 // its last PReLU
	value   float64 // after it, inside the map
	edge    bool    // near the border it is another: a depthwise layer reads zeros there
}

// constant returns that of channel c of group g. Of equally weak norms the last
// one counts: what comes before it does not matter then.
func (n *net) constant(p *model.Params, g, c int) constant {
	norms := n.norms[g]
	get := func(m norm, r model.Role) float64 { return float64(p.Get(m.path(r)).Data[c]) }
	at := 0
	for i, m := range norms {
		if math.Abs(get(m, model.Gamma)) <= math.Abs(get(norms[at], model.Gamma)) {
			at = i
		}
	}
	k := constant{weakest: norms[at], gamma: get(norms[at], model.Gamma), before: get(norms[at], model.Beta)}
	k.value = prelu(k.before, get(norms[at], model.Slope))
	for _, m := range norms[at+1:] { // the depthwise layers after it
		k.edge = k.edge || k.value != 0
		sum := taps(p.Get(m.path(model.Weight)), c, 0) * float64(m.layer.Scale())
		k.before = get(m, model.Gamma)*(sum*k.value-get(m, model.Mean))/math.Sqrt(get(m, model.Var)+n.spec.Norm.Eps) + get(m, model.Beta)
		k.value = prelu(k.before, get(m, model.Slope))
	}
	return k
}

func prelu(x, slope float64) float64 {
	if x < 0 {
		return slope * x
	}
	return x
}

// taps returns the sum of the kernel at row r, column c of a convolution's
// weights: what it gives for a map of ones, inside.
func taps(w *model.Tensor, r, c int) float64 {
	inner := 1
	for _, d := range w.Shape[2:] {
		inner *= d
	}
	sum := 0.0
	for _, v := range w.Data[(r*w.Shape[1]+c)*inner:][:inner] {
		sum += float64(v)
	}
	return sum
}

// inexact says why channel c of group g cannot go without a change of the net's
// output; "" where it can.
func (n *net) inexact(p *model.Params, g, c int) string {
	k := n.constant(p, g, c)
	switch {
	case math.Abs(k.gamma) > deadGamma:
		return fmt.Sprintf("still alive, |gamma| is %.3g", math.Abs(k.gamma))
	case k.edge:
		return "the depthwise layer after it sees the border"
	case k.value == 0:
		return ""
	}
	for li, l := range n.layers {
		if l.Op == model.OpDepthwise || l.Kernel == 1 {
			continue
		}
		for _, in := range n.wires[li].in {
			if in == g {
				return "the 3x3 convolution of " + l.Name + " sees the border"
			}
		}
	}
	return ""
}

// foldable splits chosen channels into those that can go exactly and the rest.
func (n *net) foldable(p *model.Params, chosen []channel) (goes []channel, stays []Stay) {
	for _, c := range chosen {
		why := n.inexact(p, c.group, c.index)
		if why == "" {
			goes = append(goes, c)
			continue
		}
		k := n.constant(p, c.group, c.index)
		stays = append(stays, Stay{Layer: k.weakest.layer.Name, Octave: k.weakest.octave, Channel: c.index, Gamma: k.gamma, Why: why})
	}
	return goes, stays
}

// fold returns a copy of p in which what reads the removed channels has their
// constants added: running means lowered by them, the last bias raised.
func (n *net) fold(p *model.Params, removed [][]int) *model.Params {
	out := p.Clone()
	for li, l := range n.layers {
		if l.Op == model.OpDepthwise {
			continue
		}
		for _, t := range n.weights(li) {
			g := n.wires[li].in[t.In]
			if g == free {
				continue
			}
			w := p.Get(t.Path)
			for _, c := range removed[g] {
				k := n.constant(p, g, c).value
				for r := range t.Shape[0] {
					n.shift(out, l, t, r, k*taps(w, r, c)*float64(l.Scale()))
				}
			}
		}
	}
	return out
}

// weights returns the weight tensors of layer li.
func (n *net) weights(li int) []model.TensorSpec {
	var ts []model.TensorSpec
	for _, t := range n.spec.Tensors() {
		if t.Layer == li && t.Role == model.Weight {
			ts = append(ts, t)
		}
	}
	return ts
}

// shift adds d to what row r of the weights t of layer l gives.
func (n *net) shift(p *model.Params, l model.Layer, t model.TensorSpec, r int, d float64) {
	if l.Op == model.OpConv {
		p.Get(l.TensorPath(model.Slot{Role: model.Bias})).Data[r] += float32(d)
		return
	}
	for _, c := range l.Branches[:t.Branch] { // channels of the branches before it
		r += c
	}
	p.Get(l.TensorPath(model.Slot{Role: model.Mean, Octave: t.Octave})).Data[r] -= float32(d)
}

// constants returns a copy of p in which each removed channel gives its constant
// over the whole map, the border too.
func (n *net) constants(p *model.Params, removed [][]int) *model.Params {
	out := p.Clone()
	for g, cs := range removed {
		for _, c := range cs {
			last := n.norms[g][len(n.norms[g])-1]
			out.Get(last.path(model.Gamma)).Data[c] = 0
			out.Get(last.path(model.Beta)).Data[c] = float32(n.constant(p, g, c).before)
		}
	}
	return out
}
