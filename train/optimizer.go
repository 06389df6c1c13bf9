package train

import (
	"csnet/graph"
	"csnet/model"
	"csnet/optim"

	G "gorgonia.org/gorgonia"
)

// newAdam returns the optimizer of net's parameters and the list of them that
// its Step wants.
func newAdam(s model.Spec, net *graph.Net, conf optim.Config, dwd optim.DWD) (*optim.Adam, []G.ValueGrad) {
	var params []optim.Param
	var learned []G.ValueGrad
	for _, l := range net.Learned() {
		p := optim.Param{Path: l.Path, L2: true}
		if n, ok := blockNorm(s, l.Layer, l.Slot); ok {
			l2, dynamic, f := dwd.Decay(n)
			p.L2 = l2
			if dynamic {
				p.Dynamic = &optim.Dynamic{Factor: f, GAP: l.GAP}
			}
		}
		params = append(params, p)
		learned = append(learned, l.Node)
	}
	return optim.NewAdam(conf, dwd, params), learned
}

// blockNorm says where in s the norm stands whose gamma lies in the slot of
// layer l; false where the slot is no gamma or the layer in no ILBlock.
func blockNorm(s model.Spec, l model.Layer, slot model.Slot) (optim.Norm, bool) {
	n := optim.Norm{
		Part: string(l.Part), Stage: l.Stage, Stages: len(s.Stages) - 1,
		Octave: slot.Octave, Octaves: len(l.Out),
	}
	return n, slot.Role == model.Gamma && l.Stage >= 0
}
