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
// of h x w pixels from channel counts alone; sides are halved upwards.
//
// The authors' FLOPs are MACs + the last conv's bias per pixel + 4 per norm
// element + 3 per PReLU element + 9 per element upsampled inside a gOctConv +
// k^2 per element max-pooled inside one (k: the conv's kernel) + 5 per input
// element of the average pool of a stride-2 gOctConv. In the other dialects a resizing
// or a pool counts as its counterpart here; a ReLU counts nothing.
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
	area := func(level int) int { return halved(h, level) * halved(w, level) }
	k2 := l.Kernel * l.Kernel
	if l.Balanced {
		r.Params += len(l.Out) * sum(l.Out)
	}
	for j, cj := range l.Out {
		out := area(l.OutLevel + j)
		r.MACs += l.OctaveCost(j, h, w).MACs
		switch l.Op {
		case OpDepthwise:
			r.Params += cj * k2
		case OpMSBlock:
			r.Params += cj * l.In[0] * k2
		default:
			l.costPairs(&r, j, out)
		}
		if l.Op == OpConv {
			r.Params += cj
			r.FLOPs += cj * out
			continue
		}
		if l.Op == OpConvNorm {
			r.Params += 2 * cj
			r.FLOPs += 4 * cj * out
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

// costPairs adds the convs of every input octave into output octave j, of out
// pixels: their parameters and what the authors count for changes of resolution.
func (l Layer) costPairs(r *LayerCost, j, out int) {
	k2, cj := l.Kernel*l.Kernel, l.Out[j]
	for i, ci := range l.In {
		r.Params += ci * cj * k2
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

// OctaveCost is what it takes to make one octave of a layer's output, for one
// image.
type OctaveCost struct {
	MACs    int
	In, Out int // values of the maps that are read, each map once, and of the one written
}

// OctaveCost counts what output octave j takes for an image of h x w pixels. A
// conv between two octaves runs at the coarser of their resolutions.
func (l Layer) OctaveCost(j, h, w int) OctaveCost {
	area := func(level int) int { return halved(h, level) * halved(w, level) }
	k2, cj := l.Kernel*l.Kernel, l.Out[j]
	o := OctaveCost{Out: cj * area(l.OutLevel+j)}
	switch {
	case cj == 0:
		return OctaveCost{}
	case l.Op == OpDepthwise:
		o.MACs, o.In = k2*o.Out, o.Out
		return o
	}
	for i, ci := range l.In {
		o.MACs += ci * cj * k2 * area(l.OutLevel+max(i, j))
		o.In += ci * area(l.InLevel+i)
	}
	return o
}

// halved returns the side n after so many halvings.
func halved(n, level int) int { return (n + 1<<level - 1) >> level }
