package bench

import "csnet/model"

// layerName names an op in a pass.
func layerName(op string, backward bool) string {
	if backward {
		return op + " backward"
	}
	return op
}

// octaveName names the op of layer l that makes output octave j.
func octaveName(l model.Layer, j int) string {
	switch l.Op {
	case model.OpConv:
		return l.Name
	case model.OpMSBlock:
		j = l.Octave
	}
	return model.OctaveName(l.Name, j)
}

// opCost is what one op of a net has to do for one image: multiply-adds of
// convolutions and bytes of maps, every input map read once and the output
// written once.
type opCost struct{ MACs, Bytes float64 }

// netCosts returns the costs of all ops of a step on images of h x w, forward
// ones by the op's name, backward ones by layerName. Backward makes the
// gradients of weights and inputs, of weights alone for the op on the image; it
// reads inputs, result and the result's gradient and writes the inputs'
// gradients.
func netCosts(s model.Spec, h, w int) map[string]opCost {
	const float = 4
	costs := map[string]opCost{}
	area := func(level int) float64 { return float64((h >> level) * (w >> level)) }
	add := func(name string, macs, in, out float64, image bool) {
		costs[name] = opCost{macs, float * (in + out)}
		back := opCost{2 * macs, float * (2*in + 2*out)}
		if image {
			back = opCost{macs, float * (in + 2*out)}
		}
		costs[layerName(name, true)] = back
	}
	level := 0
	for n, l := range s.Layers() {
		for j, c := range l.Out {
			if c > 0 {
				o := l.OctaveCost(j, h, w)
				add(octaveName(l, j), float64(o.MACs), float64(o.In), float64(o.Out), n == 0)
			}
		}
		level = l.OutLevel
	}
	add("logits", 0, area(level), area(0), false)
	costs["loss"] = opCost{0, float * 2 * area(0)}
	costs[layerName("loss", true)] = opCost{0, float * 3 * area(0)}
	return costs
}
