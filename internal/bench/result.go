package bench

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"csnet/graph"
	"csnet/internal/kernel"
	"csnet/internal/table"
)

// Result is what was measured. Times are in ms per image.
type Result struct {
	Mode            Mode      `json:"mode"`
	MSPerImage      float64   `json:"ms_per_image"`
	ImagesPerSecond float64   `json:"images_per_second"`
	GMACs           float64   `json:"gmacs_per_second"`
	PeakRSS         float64   `json:"peak_rss_mb"` // 0: unknown on this system
	Threads         int       `json:"threads"`
	Batch           int       `json:"batch"`
	Size            int       `json:"size"`
	VMOverhead      float64   `json:"vm_overhead_ms"`
	PeakGFLOPs      float64   `json:"peak_gflops"` // one core
	Bandwidth       float64   `json:"bandwidth_gbs"`
	CPU             string    `json:"cpu"`
	Runs            int       `json:"runs"`
	Times           []float64 `json:"times_ms"` // of every run, whole
	Layers          []Layer   `json:"layers,omitempty"`
}

// Layer is one op in one pass: forward, or backward.
type Layer struct {
	Name  string  `json:"name"`
	MS    float64 `json:"ms"`
	GMACs float64 `json:"gmacs_per_second"`
	GBs   float64 `json:"gb_per_second"`
	Share float64 `json:"share"`
	Floor float64 `json:"floor_ms"`
	With  string  `json:"with,omitempty"` // op in whose ms this one's work is
}

// Working sets of the bandwidth: large enough to leave the second cache, small
// enough to stay a fraction of the memory.
const minSet, maxSet = 8 << 20, 256 << 20

// newResult turns the times into rates, and measures what the machine can
// do.
func newResult(ctx context.Context, o Options, net *graph.Net, rec *recorder) (*Result, error) {
	batch := float64(o.Batch)
	per := median(rec.runs) / batch
	r := &Result{
		Mode: o.Mode, MSPerImage: per, ImagesPerSecond: 1e3 / per, Threads: o.Threads, Batch: o.Batch, Size: o.Size,
		PeakRSS:    float64(peakRSS()) / 1e6, // before the bandwidth's blocks
		VMOverhead: median(rec.overhead) / batch, CPU: kernel.Current().String(), Runs: len(rec.runs), Times: rec.runs,
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	r.PeakGFLOPs = peakGFLOPs(o.Clock)
	r.Bandwidth = bandwidthGBs(o.Clock, min(max(4*net.ArenaSize(), minSet), maxSet), o.Threads)
	costs := netCosts(o.Spec, o.Size, o.Size)
	total := 0.0
	for _, op := range rec.rows {
		name := layerName(op.op, op.backward)
		c := costs[name]
		total += c.MACs
		t := median(op.ms) / batch
		with := ""
		if in := net.Together(op.op, op.backward); in != "" && in != op.op {
			with = layerName(in, op.backward)
		}
		r.Layers = append(r.Layers, Layer{
			Name: name, With: with, MS: t, GMACs: rate(c.MACs, t), GBs: rate(c.Bytes, t), Share: t / per,
			Floor: max(2*c.MACs/(r.PeakGFLOPs*float64(o.Threads)), c.Bytes/r.Bandwidth) / 1e6,
		})
	}
	r.GMACs = rate(total, per)
	return r, nil
}

// rate is n in 1e9 per second when it takes ms.
func rate(n, ms float64) float64 {
	return ratio(n, ms) / 1e6
}

// Print writes the result of what was measured for people, the slowest op first,
// for a terminal of width columns (0: no limit).
func (r *Result) Print(w io.Writer, what string, width int) error {
	_, err := fmt.Fprintf(w, `%s
%s, batch %d, %dx%d, %d threads, %s: median of %d runs
%10.3f  ms per image
%10.2f  images/s
%10.2f  GMAC/s
%10.3f  ms per image beyond the ops
%10.1f  MB peak RSS
%10.1f  GFLOP/s peak of one core
%10.1f  GB/s bandwidth
`, what, r.Mode, r.Batch, r.Size, r.Size, r.Threads, r.CPU, r.Runs, r.MSPerImage, r.ImagesPerSecond, r.GMACs, r.VMOverhead, r.PeakRSS, r.PeakGFLOPs, r.Bandwidth)
	if err != nil || len(r.Layers) == 0 {
		return err
	}
	return printLayers(w, r.Layers, width)
}

// printLayers writes a row for the ops that run together, the slowest first.
func printLayers(w io.Writer, layers []Layer, width int) error {
	rows := together(layers)
	slices.SortStableFunc(rows, func(a, b Layer) int { return cmp.Compare(b.MS, a.MS) })
	sum := Layer{Name: "all ops"}
	for _, l := range rows {
		sum = sum.and(l)
	}
	t := table.Table{Header: []string{"op", "ms", "GMAC/s", "GB/s", "share", "floor ms", "times floor"}, Left: 1}
	for _, l := range append(rows, sum) {
		times := ""
		if l.Floor > 0 {
			times = fmt.Sprintf("%.1f", l.MS/l.Floor)
		}
		t.Rows = append(t.Rows, []string{
			l.Name, fmt.Sprintf("%.4f", l.MS), fmt.Sprintf("%.1f", l.GMACs), fmt.Sprintf("%.1f", l.GBs),
			fmt.Sprintf("%.1f%%", 100*l.Share), fmt.Sprintf("%.4f", l.Floor), times,
		})
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return t.Write(w, width)
}

// together adds rows to those that hold their time, and names them by how many
// they stand for.
func together(layers []Layer) []Layer {
	var rows []Layer
	at, number := map[string]int{}, map[string]int{}
	for _, l := range layers {
		in := cmp.Or(l.With, l.Name)
		i, ok := at[in]
		if !ok {
			i = len(rows)
			at[in] = i
			rows = append(rows, Layer{Name: in})
		}
		rows[i] = rows[i].and(l)
		number[in]++
	}
	for i, l := range rows {
		if n := number[l.Name]; n > 1 {
			rows[i].Name = fmt.Sprintf("%s and %d more", l.Name, n-1)
		}
	}
	return rows
}

// and is both rows in one, under the name of l.
func (l Layer) and(m Layer) Layer {
	macs, bytes := l.GMACs*l.MS+m.GMACs*m.MS, l.GBs*l.MS+m.GBs*m.MS
	l.MS += m.MS
	l.GMACs, l.GBs = ratio(macs, l.MS), ratio(bytes, l.MS)
	l.Share += m.Share
	l.Floor += m.Floor
	return l
}

// ratio is a over b, 0 where a is.
func ratio(a, b float64) float64 {
	if a == 0 {
		return 0
	}
	return a / b
}
