package wide

import (
	G "gorgonia.org/gorgonia"
)

// DoDiff adds the gradients of W and b.
func (b *Balance) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	in, err := b.ReadNodes(inputs)
	if err != nil {
		return err
	}
	ds, dy, err := b.Grads(inputs, output)
	if err != nil {
		return err
	}
	n := len(dy) / b.Out[0]
	for c := range b.Out[0] {
		own, others := b.share(in[1], c)
		var df float64
		for i, g := range dy[c*n:][:n] {
			df += float64(g) * float64(in[0][c*n+i])
			if ds[0] != nil {
				ds[0][c*n+i] += float32(own / (own + others) * float64(g))
			}
		}
		if ds[1] != nil {
			b.shareGrad(ds[1], in[1], c, df, own, others)
		}
	}
	return nil
}

// shareGrad adds to db what the gradient df of the share of channel c gives. With one
// octave it is all but 0; so the small difference 1/sum - own/sum^2 is never taken.
func (b *Balance) shareGrad(db, bs []float32, c int, df, own, others float64) {
	octaves, n := b.In[1][0], b.In[1][1]
	sum := own + others
	for k := range octaves {
		i := k*n + b.at + c
		g := -own / (sum * sum)
		if k == b.octave {
			g = others / (sum * sum)
		}
		switch {
		case bs[i] > 0:
			db[i] += float32(df * g)
		case bs[i] < 0:
			db[i] -= float32(df * g)
		}
	}
}
