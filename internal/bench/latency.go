package bench

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"csnet/internal/kernel"
	"csnet/internal/table"
	"csnet/model"
)

// LatencyFormat is the format that latency files state.
const LatencyFormat = "csnet-latency/1"

// Latency tells how long nets take whose layers are those of one net with other
// numbers of channels: a table of times per layer, measured at several widths, between
// which it interpolates by multiply-adds. Multiply-adds alone mislead on a CPU, for a
// depthwise layer or a small map costs many times more for each.
type Latency struct {
	Format  string     `json:"format"`
	Spec    model.Spec `json:"spec"` // the widest net
	Size    int        `json:"size"` // side of the input, pixels
	Threads int        `json:"threads"`
	CPU     string     `json:"cpu"`
	// Rest is what a run takes beyond its layers, ms.
	Rest   float64        `json:"rest_ms"`
	Layers []LatencyLayer `json:"layers"`
	Widths []LatencyWidth `json:"widths"` // the nets that were measured
}

// LatencyLayer is the time of the ops that run together, by the name of the first: of
// one octave of a layer, or of a whole block.
type LatencyLayer struct {
	Name   string         `json:"name"`
	Ops    []string       `json:"ops"`
	Points []LatencyPoint `json:"points"` // ascending in MACs
}

// LatencyPoint is one width of a layer.
type LatencyPoint struct {
	Channels int     `json:"channels"` // that the ops put out, all together
	MACs     float64 `json:"macs"`
	MS       float64 `json:"ms"`
}

// LatencyWidth is one of the nets measured: what it took, and what the table says of it.
type LatencyWidth struct {
	Params int     `json:"params"`
	MACs   int     `json:"macs"`
	MS     float64 `json:"ms"`
	Table  float64 `json:"table_ms"`
}

// MeasureLatency times the nets of specs, which have the layers of the first and widest
// one, on o's size and threads, one picture at a time. params gives each its tensors.
func MeasureLatency(ctx context.Context, o Options, specs []model.Spec, params func(model.Spec) (*model.Params, error)) (*Latency, error) {
	if len(specs) < 2 {
		return nil, fmt.Errorf("bench: %d nets for a latency table, must be 2 at least", len(specs))
	}
	t := &Latency{Format: LatencyFormat, Spec: specs[0], Size: o.Size, Threads: o.Threads, CPU: kernel.Current().String()}
	var rests []float64
	group := map[string]int{} // of an op
	for i, s := range specs {
		p, err := params(s)
		if err != nil {
			return nil, err
		}
		one := o
		one.Mode, one.Batch, one.Spec, one.Params, one.Progress = Infer, 1, s, p, nil
		r, _, err := Run(ctx, one)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			t.group(r.Layers, group)
		}
		t.add(r.Layers, s, group)
		inOps := 0.0
		for _, l := range r.Layers {
			inOps += l.MS
		}
		rests = append(rests, max(0, r.MSPerImage-inOps))
		cost := s.Cost(model.CostSide, model.CostSide)
		t.Widths = append(t.Widths, LatencyWidth{Params: cost.Params, MACs: cost.MACs, MS: r.MSPerImage})
		if o.Progress != nil {
			o.Progress(i+1, len(specs))
		}
	}
	t.Rest = median(rests)
	t.tidy()
	for i, s := range specs {
		t.Widths[i].Table = t.MS(s)
	}
	return t, nil
}

// group makes a layer of the ops that run together in the widest net.
func (t *Latency) group(rows []Layer, group map[string]int) {
	at := map[string]int{}
	for _, l := range rows {
		leader := cmp.Or(l.With, l.Name)
		i, ok := at[leader]
		if !ok {
			i = len(t.Layers)
			at[leader] = i
			t.Layers = append(t.Layers, LatencyLayer{Name: leader})
		}
		t.Layers[i].Ops = append(t.Layers[i].Ops, l.Name)
		group[l.Name] = i
	}
}

// add adds a point to every layer.
func (t *Latency) add(rows []Layer, s model.Spec, group map[string]int) {
	times := make([]float64, len(t.Layers))
	for _, l := range rows {
		i, ok := group[cmp.Or(l.With, l.Name)]
		if !ok {
			i, ok = group[l.Name]
		}
		if ok {
			times[i] += l.MS
		}
	}
	costs := octaveCosts(s, t.Size)
	for i := range t.Layers {
		p := t.Layers[i].cost(costs)
		p.MS = times[i]
		t.Layers[i].Points = append(t.Layers[i].Points, p)
	}
}

// octaveCost is what the op of one octave has to do.
type octaveCost struct {
	channels int
	macs     float64
}

func octaveCosts(s model.Spec, size int) map[string]octaveCost {
	costs := map[string]octaveCost{}
	for _, l := range s.Layers() {
		for j, c := range l.Out {
			costs[octaveName(l, j)] = octaveCost{c, float64(l.OctaveCost(j, size, size).MACs)}
		}
	}
	return costs
}

// cost sums up the layer's ops in a net. Ops that are no convolution have none.
func (l LatencyLayer) cost(costs map[string]octaveCost) LatencyPoint {
	var p LatencyPoint
	for _, op := range l.Ops {
		p.Channels += costs[op].channels
		p.MACs += costs[op].macs
	}
	return p
}

// tidy sorts the points and makes a time never fall where the work grows: that would
// be noise.
func (t *Latency) tidy() {
	for i := range t.Layers {
		ps := t.Layers[i].Points
		slices.SortFunc(ps, func(a, b LatencyPoint) int { return cmp.Or(cmp.Compare(a.MACs, b.MACs), cmp.Compare(a.MS, b.MS)) })
		for k := 1; k < len(ps); k++ {
			ps[k].MS = max(ps[k].MS, ps[k-1].MS)
		}
	}
}

// MS is how long a net with the table's layers takes for a picture, in ms.
func (t *Latency) MS(s model.Spec) float64 {
	costs := octaveCosts(s, t.Size)
	total := t.Rest
	for _, l := range t.Layers {
		total += l.ms(l.cost(costs).MACs)
	}
	return total
}

// ms interpolates. A layer that is gone takes no time; one that has no multiply-adds
// of its own, such as the last enlargement, takes what it took on the average.
func (l LatencyLayer) ms(macs float64) float64 {
	ps := l.Points
	last := ps[len(ps)-1]
	if last.MACs == 0 {
		sum := 0.0
		for _, p := range ps {
			sum += p.MS / float64(len(ps))
		}
		return sum
	}
	if macs == 0 {
		return 0
	}
	if macs <= ps[0].MACs {
		return ps[0].MS * math.Sqrt(macs/ps[0].MACs)
	}
	for k := 1; k < len(ps); k++ {
		a, b := ps[k-1], ps[k]
		if macs <= b.MACs && b.MACs > a.MACs {
			return a.MS + (b.MS-a.MS)*(macs-a.MACs)/(b.MACs-a.MACs)
		}
	}
	return last.MS * macs / last.MACs
}

// Write writes the table as JSON.
func (t *Latency) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(t)
}

// Print writes the nets that were measured, for a terminal of width columns (0: no
// limit).
func (t *Latency) Print(w io.Writer, width int) error {
	if _, err := fmt.Fprintf(w, "%d layers, %dx%d, %d threads, %s\n", len(t.Layers), t.Size, t.Size, t.Threads, t.CPU); err != nil {
		return err
	}
	out := table.Table{Header: []string{"parameters", "MACs", "ms", "ms by the table"}}
	for _, n := range t.Widths {
		out.Rows = append(out.Rows, []string{table.Int(n.Params), table.Int(n.MACs), fmt.Sprintf("%.3f", n.MS), fmt.Sprintf("%.3f", n.Table)})
	}
	return out.Write(w, width)
}

// ReadLatency reads what Write wrote, for nets of spec. Errors: other JSON; another
// format; a table of other layers, or without points; times that are none.
func ReadLatency(r io.Reader, spec model.Spec) (*Latency, error) {
	var t Latency
	if err := json.NewDecoder(r).Decode(&t); err != nil {
		return nil, fmt.Errorf("bench: is no latency table: %w", err)
	}
	if t.Format != LatencyFormat || t.Size < 1 || len(t.Layers) == 0 {
		return nil, fmt.Errorf("bench: is no latency table: format is %q, must be %q, with a size and layers", t.Format, LatencyFormat)
	}
	if err := t.Spec.Validate(); err != nil {
		return nil, fmt.Errorf("bench: latency table: %w", err)
	}
	a, b := t.Spec.Layers(), spec.Layers()
	same := slices.EqualFunc(a, b, func(x, y model.Layer) bool {
		return x.Name == y.Name && x.Kernel == y.Kernel && x.Stride == y.Stride && len(x.In) == len(y.In) && len(x.Out) == len(y.Out)
	})
	if !same {
		return nil, fmt.Errorf("bench: the latency table is of another net, of %d layers and %d parameters, this one has %d and %d: make one of this net (csnet bench --latency)", len(a), t.Spec.ParamCount(), len(b), spec.ParamCount())
	}
	for _, l := range t.Layers {
		if len(l.Points) == 0 {
			return nil, fmt.Errorf("bench: latency table: %s has no points", l.Name)
		}
		for _, p := range l.Points {
			if !(p.MS >= 0) || !(p.MACs >= 0) || math.IsInf(p.MS, 0) {
				return nil, errors.New("bench: latency table: " + l.Name + " has a time or count that is none")
			}
		}
	}
	return &t, nil
}
