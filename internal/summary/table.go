package summary

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"csnet/model"
)

// Table writes the layers as an aligned table with their channels per octave
// (finest first, 0 = absent), and the totals at model.CostSide.
func Table(w io.Writer, s model.Spec) error {
	c := s.Cost(model.CostSide, model.CostSide)
	rows := [][]string{{"layer", "op", "kernel", "stride", "size", "in", "out", "params", "MACs"}}
	for _, l := range c.Layers {
		rows = append(rows, []string{
			l.Layer.Name, string(l.Layer.Op), kernel(l.Layer), strconv.Itoa(l.Layer.Stride), size(l.Layer),
			channels(l.Layer.In), channels(l.Layer.Out), grouped(l.Params), grouped(l.MACs),
		})
	}
	b := bufio.NewWriter(w)
	align(b, rows, 5)
	fmt.Fprintln(b)
	totals := [][]string{
		{"parameters", grouped(c.Params), ""},
		{"MACs", grouped(c.MACs), giga(c.MACs)},
		{"authors' FLOPs", grouped(c.FLOPs), giga(c.FLOPs)},
	}
	if s.Extractor() {
		totals = append(totals,
			[]string{"parameters with the added conv (cls)", grouped(c.ParamsWithHead), ""},
			[]string{"MACs with the added conv (cls)", grouped(c.MACsWithHead), giga(c.MACsWithHead)})
	}
	align(b, totals, 1)
	fmt.Fprintf(b, "\nMACs and FLOPs at %dx%d, batch 1; in and out are channels per octave, finest first\n", model.CostSide, model.CostSide)
	return b.Flush()
}

// kernel names the kernel's sides, and the dilations where there are several.
func kernel(l model.Layer) string {
	k := fmt.Sprintf("%dx%d", l.Kernel, l.Kernel)
	if l.Op != model.OpMSBlock {
		return k
	}
	return k + " dil " + channels(l.Dilations)
}

// size is the side of the finest output map.
func size(l model.Layer) string { return strconv.Itoa(model.CostSide >> l.OutLevel) }

func channels(cs []int) string {
	var s []string
	for _, c := range cs {
		s = append(s, strconv.Itoa(c))
	}
	return strings.Join(s, "/")
}

// grouped writes n with a comma between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func giga(n int) string { return fmt.Sprintf("%.4f G", float64(n)/1e9) }

// align writes rows with two blanks between columns: those before left flush
// left, the others flush right.
func align(w io.Writer, rows [][]string, left int) {
	width := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, c := range r {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			switch {
			case i < left:
				b.WriteString(c + pad + "  ")
			default:
				b.WriteString(pad + c + "  ")
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}
