package prune

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"csnet/internal/table"
	"csnet/model"
)

// Totals are what a net costs. MACs are those of one image of model.CostSide. The WithHead
// figures are set for an extractor alone, whose Params and MACs leave the added
// 1x1 conv out.
type Totals struct {
	Params         int  `json:"params"`
	MACs           int  `json:"macs"`
	ParamsWithHead *int `json:"params_with_head,omitempty"`
	MACsWithHead   *int `json:"macs_with_head,omitempty"`
}

// Row is one layer's output channels per octave.
type Row struct {
	Name   string `json:"name"`
	Before []int  `json:"before"`
	After  []int  `json:"after"`

	Layer model.Layer `json:"-"` // of the net before
}

// Report says what pruning did. Its JSON is that of `csnet prune --json`.
type Report struct {
	Before           Totals  `json:"before"`
	After            Totals  `json:"after"`
	Layers           []Row   `json:"layers"`
	Fold             Fold    `json:"fold"`
	Stays            []Stay  `json:"stays"`               // dead channels that cannot be folded exactly
	MaxAbsDiff       float64 `json:"max_abs_diff"`        // compact against the reference, see Verify
	MaxAbsDiffBefore float64 `json:"max_abs_diff_before"` // compact against untouched
	// Photos is the same on real photos; nil without any.
	Photos *Differences `json:"photos,omitempty"`
	// Time is what a latency table says of both nets; nil without one.
	Time *Time `json:"time,omitempty"`
	// Scores says what pruning costs on photos with masks; nil without any.
	Scores *Scores `json:"scores,omitempty"`

	before, after model.Spec
}

// Differences are those of VerifyOn on so many photos.
type Differences struct {
	Count            int     `json:"count"`
	MaxAbsDiff       float64 `json:"max_abs_diff"`
	MaxAbsDiffBefore float64 `json:"max_abs_diff_before"`
}

// Time is how long nets take for a picture by a latency table, in milliseconds.
type Time struct {
	Size    int     `json:"size"` // side of the picture
	Threads int     `json:"threads"`
	Before  float64 `json:"before_ms"`
	After   float64 `json:"after_ms"`
}

// Scores are those of the untouched and of the compact net on so many images.
type Scores struct {
	Images int   `json:"images"`
	Before Score `json:"before"`
	After  Score `json:"after"`
}

// Score is one under the salmetric protocol.
type Score struct {
	MaxF float64 `json:"maxF"`
	MAE  float64 `json:"MAE"`
}

// NewReport compares a net with its pruned one, which must have the same
// layers; the differences are those of Verify.
func NewReport(before, after model.Spec, plan *Plan, maxAbsDiff, maxAbsDiffBefore float64) (Report, error) {
	r := Report{
		Fold: plan.Fold, Stays: plan.Stays,
		Before: totals(before), After: totals(after),
		MaxAbsDiff: maxAbsDiff, MaxAbsDiffBefore: maxAbsDiffBefore,
		before: before, after: after,
	}
	b, a := before.Layers(), after.Layers()
	if len(a) != len(b) {
		return Report{}, fmt.Errorf("prune: report: %d layers before, %d after, must be as many", len(b), len(a))
	}
	for i, l := range b {
		if a[i].Name != l.Name || len(a[i].Out) != len(l.Out) {
			return Report{}, fmt.Errorf("prune: report: layer %d is %s with %d octaves before, %s with %d after, must be the same", i, l.Name, len(l.Out), a[i].Name, len(a[i].Out))
		}
		r.Layers = append(r.Layers, Row{Name: l.Name, Before: l.Out, After: a[i].Out, Layer: l})
	}
	return r, nil
}

func totals(s model.Spec) Totals {
	c := s.Cost(model.CostSide, model.CostSide)
	t := Totals{Params: c.Params, MACs: c.MACs}
	if s.Extractor() {
		t.ParamsWithHead, t.MACsWithHead = &c.ParamsWithHead, &c.MACsWithHead
	}
	return t
}

// JSON writes the report as one JSON object.
func (r Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Table writes, for a terminal of width columns (0: no limit), a row per ILBlock
// (its three layers have the same channels) and per layer of the head: channels per
// octave, parameters and MACs, before => after.
func (r Report) Table(w io.Writer, width int) error {
	octaves := 1
	for _, row := range r.Layers {
		octaves = max(octaves, len(row.Before))
	}
	t := table.Table{Header: []string{"layer"}, Left: 1}
	for k := range octaves {
		t.Header = append(t.Header, fmt.Sprintf("octave %d", k))
	}
	t.Header = append(t.Header, "parameters", "MACs")
	for _, l := range r.lines() {
		row := []string{l.name}
		for k := range octaves {
			cell := ""
			if k >= l.octave && k < l.octave+len(l.row.Before) {
				cell = arrow(l.row.Before[k-l.octave], l.row.After[k-l.octave])
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, append(row, arrow(l.before.Params, l.after.Params), arrow(l.before.MACs, l.after.MACs)))
	}
	return t.Write(w, width)
}

func arrow(before, after int) string { return table.Int(before) + " => " + table.Int(after) }

// tableLine is one line of Table.
type tableLine struct {
	name          string
	octave        int // of its first count
	row           Row
	before, after model.LayerCost // sums over the layers of an ILBlock
}

// lines joins the layers of each ILBlock.
func (r Report) lines() []tableLine {
	const side = model.CostSide
	before, after := r.before.Cost(side, side), r.after.Cost(side, side)
	var out []tableLine
	for i, b := range before.Layers {
		l, a := b.Layer, after.Layers[i]
		if l.Op == model.OpDepthwise {
			last := &out[len(out)-1]
			last.before.Params += b.Params
			last.before.MACs += b.MACs
			last.after.Params += a.Params
			last.after.MACs += a.MACs
			continue
		}
		out = append(out, tableLine{l.BlockName(), l.Octave, r.Layers[i], b, a})
	}
	return out
}

// Summary writes the totals, the blocks of which little is left, and the proof.
func (r Report) Summary(w io.Writer) error {
	var s strings.Builder
	total := func(what string, b, a int) {
		share := 0.0
		if b > 0 {
			share = 100 * float64(a-b) / float64(b)
		}
		fmt.Fprintf(&s, "%s: %s (%+.1f%%)\n", what, arrow(b, a), share)
	}
	total("parameters", r.Before.Params, r.After.Params)
	total(fmt.Sprintf("MACs at %dx%d", model.CostSide, model.CostSide), r.Before.MACs, r.After.MACs)
	if t := r.Time; t != nil {
		fmt.Fprintf(&s, "ms by the latency table, %dx%d on %d threads: %.3f => %.3f\n", t.Size, t.Size, t.Threads, t.Before, t.After)
	}
	if h := r.Before.ParamsWithHead; h != nil {
		total("parameters with the added head", *h, *r.After.ParamsWithHead)
		total("MACs with the added head", *r.Before.MACsWithHead, *r.After.MACsWithHead)
	}
	for _, l := range r.lines() {
		if b, a := allOf(l.row.Before), allOf(l.row.After); 10*a <= b {
			fmt.Fprintf(&s, "little is left of %s: %s channels\n", l.name, arrow(b, a))
		}
	}
	if n := len(r.Stays); n > 0 {
		fmt.Fprintf(&s, "%d dead channels stay, for folding them away would not be exact\n", n)
	}
	fmt.Fprintf(&s, "max abs difference of logits on random input: %.3g to %s, %.3g to the net before\n", r.MaxAbsDiff, r.Fold.reference(), r.MaxAbsDiffBefore)
	if p := r.Photos; p != nil {
		fmt.Fprintf(&s, "max abs difference on %d photos: %.3g to %s, %.3g to the net before\n", p.Count, p.MaxAbsDiff, r.Fold.reference(), p.MaxAbsDiffBefore)
	}
	if c := r.Scores; c != nil {
		fmt.Fprintf(&s, "on %d photos: maxF %.4f => %.4f, MAE %.4f => %.4f\n", c.Images, c.Before.MaxF, c.After.MaxF, c.Before.MAE, c.After.MAE)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// Details writes the Table, the channels of the MSBlocks per dilation and the dead
// channels that stay, with the reason.
func (r Report) Details(w io.Writer, width int) error {
	if err := r.Table(w, width); err != nil {
		return err
	}
	var s strings.Builder
	if h := r.before.Head; h != nil {
		for k, b := range h.MS {
			fmt.Fprintf(&s, "%s.%s, channels per dilation %v: %v => %v\n", model.HeadName, model.MS.Name(k), h.Dilations, b, r.after.Head.MS[k])
		}
	}
	for _, k := range r.Stays {
		fmt.Fprintf(&s, "stays: channel %d of octave %d of %s: %s\n", k.Channel, k.Octave, k.Layer, k.Why)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// allOf is the channels of all octaves.
func allOf(ns []int) int {
	total := 0
	for _, n := range ns {
		total += n
	}
	return total
}

// reference names the net of Reference.
func (f Fold) reference() string {
	switch f {
	case FoldExact:
		return "the net before"
	case FoldInterior:
		return "the net with constants in their place"
	}
	return "the masked net"
}
