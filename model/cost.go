package model

// LayerCost is one row of Cost.
type LayerCost struct {
	Layer  Layer
	Params int
	MACs   int // 1 MAC = one multiply-add of a convolution
	FLOPs  int // the authors' count, see Cost
}

// Cost is what a net costs for one image of H x W. For an extractor alone
// Params, MACs and FLOPs leave the added 1x1 conv out; the WithHead figures
// hold it.
type Cost struct {
	Params, MACs, FLOPs          int
	ParamsWithHead, MACsWithHead int
	Layers                       []LayerCost
}

// CostSide is the side in pixels of the square image that the costs of nets are
// counted at wherever one figure stands for a net: in summaries, reports and
// pruning targets.
const CostSide = 224

// ParamCount is the number of parameters, without the added 1x1 conv of an
// extractor alone.
func (s Spec) ParamCount() int { return s.Cost(CostSide, CostSide).Params }

// Cost counts parameters, multiply-adds and the authors' FLOPs for one image
// of h x w pixels (multiples of Multiple) from channel counts alone.
//
// The authors' FLOPs are MACs + the last conv's bias per pixel + 4 per norm
// element + 3 per PReLU element + 9 per element upsampled inside a gOctConv +
// k^2 per element max-pooled inside one (k: the conv's kernel) + 5 per input
// element of the average pool of a stride-2 gOctConv.
func (s Spec) Cost(h, w int) Cost {
	var c Cost
	ls := s.Layers()
	for _, l := range ls {
		r := l.cost(h, w)
		c.Layers = append(c.Layers, r)
		c.ParamsWithHead += r.Params
		c.MACsWithHead += r.MACs
		if s.Extractor() && l.Op == OpConv {
			continue
		}
		c.Params += r.Params
		c.MACs += r.MACs
		c.FLOPs += r.FLOPs
	}
	return c
}

func (l Layer) cost(h, w int) LayerCost {
	r := LayerCost{Layer: l}
	area := func(level int) int { return (h >> level) * (w >> level) }
	k2 := l.Kernel * l.Kernel
	for j, cj := range l.Out {
		out := area(l.OutLevel + j)
		switch l.Op {
		case OpDepthwise:
			r.Params += cj * k2
			r.MACs += cj * k2 * out
		case OpMSBlock:
			r.Params += cj * l.In[0] * k2
			r.MACs += cj * l.In[0] * k2 * out
		default:
			l.costPairs(&r, j, area)
		}
		if l.Op == OpConv {
			r.Params += cj
			r.FLOPs += cj * out
			continue
		}
		r.Params += 3 * cj
		r.FLOPs += 7 * cj * out
	}
	if l.Op == OpOctConv && l.Stride == 2 && (len(l.In) > 1 || len(l.Out) > 1) {
		for i, ci := range l.In {
			r.FLOPs += 5 * ci * area(l.InLevel+i)
		}
	}
	r.FLOPs += r.MACs
	return r
}

// costPairs adds the convs of every input octave into output octave j, each at
// the coarser of the two resolutions.
func (l Layer) costPairs(r *LayerCost, j int, area func(int) int) {
	k2, cj := l.Kernel*l.Kernel, l.Out[j]
	out := area(l.OutLevel + j)
	for i, ci := range l.In {
		r.Params += ci * cj * k2
		r.MACs += ci * cj * k2 * area(l.OutLevel+max(i, j))
		if ci == 0 || cj == 0 {
			continue
		}
		if i > j {
			r.FLOPs += 9 * cj * out
		}
		if i < j {
			r.FLOPs += k2 * ci * out
		}
	}
}
