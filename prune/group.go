package prune

import (
	"fmt"
	"math"

	"csnet/model"
)

// Group is the coupled channels of one octave of one layer: what makes them and
// everything that reads them goes or stays together. There is one for each
// octave of every ILBlock (named by its mix; both depthwise layers go along),
// of csf.fuse, for each MSBlock (all dilations in order) and for csf.out.
type Group struct {
	Layer    string    `json:"layer"`
	Octave   int       `json:"octave"` // index into the layer's Out; the head's octave for an MSBlock
	Channels int       `json:"channels"`
	Remove   []int     `json:"remove"`           // channels that go, ascending
	Scores   []float64 `json:"scores,omitempty"` // of these, as the criterion saw them
}

// free marks channels that belong to no group: the image's and the logit.
const free = -1

// wire says which group the channels of each declared octave of a layer
// belong to, or free.
type wire struct{ in, out []int }

// norm is the norm of one octave of a layer.
type norm struct {
	layer  model.Layer
	octave int
}

// path is the path of the norm's gamma or beta.
func (m norm) path(r model.Role) string {
	return m.layer.TensorPath(model.Slot{Role: r, Octave: m.octave})
}

// net is a Spec seen as groups and the layers wired to them.
type net struct {
	spec   model.Spec
	layers []model.Layer
	wires  []wire // by layer
	groups []Group
	norms  [][]norm // by group: those that its channels pass through
	blocks [][]int  // groups of every ILBlock in forward order
	taps   []int    // groups that the head reads, or the last conv of an extractor
	fuse   []int    // by octave of the head
	ms     []int    // by octave of the head
	out    int      // csf.out, or free in an extractor
}

// newNet wires the layers of spec, which must be valid, to groups.
func newNet(spec model.Spec) *net {
	n := &net{spec: spec, layers: spec.Layers(), out: free}
	cur := []int{free}
	first := make([]int, len(spec.Stages)) // group of octave 0 after each stage
	for _, l := range n.layers {
		w := wire{in: cur}
		switch {
		case l.Op == model.OpDepthwise:
			w.out = cur
			n.pass(l, w.out)
		case l.Part == model.Mix:
			w.out = n.add(l)
			n.blocks = append(n.blocks, w.out)
		case l.Part == model.Fuse:
			for _, t := range spec.Head.Taps {
				n.taps = append(n.taps, first[t])
			}
			w.in, w.out = n.taps, n.add(l)
			n.fuse = w.out
		case l.Op == model.OpMSBlock:
			w.in, w.out = n.fuse[l.Octave:l.Octave+1], n.add(l)
			n.ms = append(n.ms, w.out...)
		case l.Part == model.Out:
			w.in, w.out = n.ms, n.add(l)
			n.out = w.out[0]
		case l.Op == model.OpConv:
			w.in, w.out = cur[:1], []int{free}
			if spec.Extractor() {
				n.taps = w.in
			}
		}
		if l.Stage >= 0 {
			first[l.Stage] = w.out[0]
		}
		cur = w.out
		n.wires = append(n.wires, w)
	}
	return n
}

// add makes a group for each octave that l puts out.
func (n *net) add(l model.Layer) []int {
	var ids []int
	for k, c := range l.Out {
		ids = append(ids, len(n.groups))
		n.groups = append(n.groups, Group{Layer: l.Name, Octave: l.Octave + k, Channels: c})
		n.norms = append(n.norms, nil)
	}
	n.pass(l, ids)
	return ids
}

// pass notes that the channels of the groups pass through the norms of l.
func (n *net) pass(l model.Layer, groups []int) {
	for k, g := range groups {
		n.norms[g] = append(n.norms[g], norm{l, l.Octave + k})
	}
}

// counts returns the channels of every group.
func (n *net) counts() []int {
	c := make([]int, len(n.groups))
	for i, g := range n.groups {
		c[i] = g.Channels
	}
	return c
}

// scores returns every channel's score, the smallest |gamma| of its norms or,
// with gap, the smallest |gamma| * S, by group. A gamma that is NaN or infinite
// is an error, so is a gap that lacks a norm.
func (n *net) scores(p *model.Params, gap map[string][]float64) ([][]float64, error) {
	out := make([][]float64, len(n.groups))
	for g, grp := range n.groups {
		s := make([]float64, grp.Channels)
		for i := range s {
			s[i] = math.Inf(1)
		}
		for _, m := range n.norms[g] {
			if grp.Channels == 0 {
				continue
			}
			gamma := m.path(model.Gamma)
			weight := gap[gamma]
			if gap != nil && len(weight) != grp.Channels {
				return nil, fmt.Errorf("prune: %s: %d averages for %d channels, must be as many", gamma, len(weight), grp.Channels)
			}
			for i, v := range p.Get(gamma).Data {
				a := math.Abs(float64(v))
				if math.IsNaN(a) || math.IsInf(a, 0) {
					return nil, fmt.Errorf("prune: %s[%d] is %g, must be finite", gamma, i, v)
				}
				if weight != nil {
					a *= weight[i]
				}
				s[i] = min(s[i], a)
			}
		}
		out[g] = s
	}
	return out, nil
}
