// Package summary renders what a net consists of and costs, from its Spec
// alone.
package summary

import (
	"encoding/json"
	"io"

	"csnet/model"
)

type report struct {
	Params         int     `json:"params"`
	MACs           int     `json:"macs"`
	AuthorsFLOPs   int     `json:"authors_flops"`
	ParamsWithHead *int    `json:"params_with_head,omitempty"`
	MACsWithHead   *int    `json:"macs_with_head,omitempty"`
	Layers         []layer `json:"layers"`
}

type layer struct {
	Name   string `json:"name"`
	Op     string `json:"op"`
	In     []int  `json:"in"`  // channels per octave, finest first
	Out    []int  `json:"out"` // channels per octave, finest first
	Kernel int    `json:"kernel"`
	Stride int    `json:"stride"`
	Params int    `json:"params"`
	MACs   int    `json:"macs"`
}

// JSON writes one object: params, macs and authors_flops at model.CostSide for a
// batch of 1, and the layers. For an extractor alone the three leave the added
// last conv out, which is the layer cls; params_with_head and macs_with_head
// hold it.
func JSON(w io.Writer, s model.Spec) error {
	c := s.Cost(model.CostSide, model.CostSide)
	r := report{Params: c.Params, MACs: c.MACs, AuthorsFLOPs: c.FLOPs}
	if s.Extractor() {
		r.ParamsWithHead, r.MACsWithHead = &c.ParamsWithHead, &c.MACsWithHead
	}
	for _, l := range c.Layers {
		r.Layers = append(r.Layers, layer{
			Name: l.Layer.Name, Op: string(l.Layer.Op), In: l.Layer.In, Out: l.Layer.Out,
			Kernel: l.Layer.Kernel, Stride: l.Layer.Stride, Params: l.Params, MACs: l.MACs,
		})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
