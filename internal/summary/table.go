package summary

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"csnet/internal/table"
	"csnet/model"
)

// Table writes the layers as an aligned table with their channels per octave
// (finest first, 0 = absent), and the totals at model.CostSide, for a terminal of
// width columns (0: no limit).
func Table(w io.Writer, s model.Spec, width int) error {
	c := s.Cost(model.CostSide, model.CostSide)
	layers := table.Table{Header: []string{"layer", "op", "kernel", "stride", "size", "in", "out", "params", "MACs"}, Left: 5}
	for _, l := range c.Layers {
		layers.Rows = append(layers.Rows, []string{
			l.Layer.Name, string(l.Layer.Op), kernel(l.Layer), strconv.Itoa(l.Layer.Stride), size(l.Layer),
			channels(l.Layer.In), channels(l.Layer.Out), table.Int(l.Params), table.Int(l.MACs),
		})
	}
	if err := layers.Write(w, width); err != nil {
		return err
	}
	totals := table.Table{Header: []string{"", "", ""}, Left: 1, Rows: [][]string{
		{"parameters", table.Int(c.Params), ""},
		{"MACs", table.Int(c.MACs), giga(c.MACs)},
		{"authors' FLOPs", table.Int(c.FLOPs), giga(c.FLOPs)},
	}}
	if s.Extractor() {
		totals.Rows = append(totals.Rows,
			[]string{"parameters with the added conv (cls)", table.Int(c.ParamsWithHead), ""},
			[]string{"MACs with the added conv (cls)", table.Int(c.MACsWithHead), giga(c.MACsWithHead)})
	}
	if err := totals.Write(w, width); err != nil {
		return err
	}
	notes := fmt.Sprintf("\nMACs and FLOPs at %dx%d, batch 1; in and out are channels per octave, finest first\n", model.CostSide, model.CostSide)
	if h := s.Head; h != nil {
		notes += fmt.Sprintf("dilations of the MSBlocks: %s\n", channels(h.Dilations))
	}
	_, err := io.WriteString(w, notes)
	return err
}

// kernel names the kernel's sides.
func kernel(l model.Layer) string { return fmt.Sprintf("%dx%d", l.Kernel, l.Kernel) }

// size is the side of the finest output map.
func size(l model.Layer) string { return strconv.Itoa(model.CostSide >> l.OutLevel) }

func channels(cs []int) string {
	var s []string
	for _, c := range cs {
		s = append(s, strconv.Itoa(c))
	}
	return strings.Join(s, "/")
}

func giga(n int) string { return fmt.Sprintf("%.4f G", float64(n)/1e9) }
