package train

import (
	"strings"

	"csnet/graph"
	"csnet/model"
	"csnet/optim"

	G "gorgonia.org/gorgonia"
)

// newAdam returns the optimizer of net's parameters and the list of them that
// its Step wants.
func newAdam(s model.Spec, net *graph.Net, conf optim.Config, dwd optim.DWD) (*optim.Adam, []G.ValueGrad) {
	norms := ilNorms(s)
	var params []optim.Param
	var learned []G.ValueGrad
	for _, l := range net.Learned() {
		p := optim.Param{Path: l.Path, L2: true}
		if n, ok := norms[l.Path]; ok {
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

// ilNorms lists the gammas of the norms of ILBlocks, by path.
func ilNorms(s model.Spec) map[string]optim.Norm {
	out := map[string]optim.Norm{}
	ls := s.Layers()
	for _, t := range s.Tensors() {
		l := ls[t.Layer]
		if t.Role == model.Gamma && l.Stage >= 0 {
			out[t.Path] = optim.Norm{
				Part: l.Name[strings.LastIndexByte(l.Name, '.')+1:],
				Stage: l.Stage, Stages: len(s.Stages) - 1, Octave: t.Octave, Octaves: len(l.Out),
			}
		}
	}
	return out
}
