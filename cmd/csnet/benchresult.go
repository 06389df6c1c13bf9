package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"csnet/internal/kernel"
)

// benchResult is what csnet bench reports. Times are in ms per image.
type benchResult struct {
	Mode            string       `json:"mode"`
	MSPerImage      float64      `json:"ms_per_image"`
	ImagesPerSecond float64      `json:"images_per_second"`
	GMACs           float64      `json:"gmacs_per_second"`
	PeakRSS         float64      `json:"peak_rss_mb"` // 0: unknown on this system
	Threads         int          `json:"threads"`
	Batch           int          `json:"batch"`
	Size            int          `json:"size"`
	VMOverhead      float64      `json:"vm_overhead_ms"`
	PeakGFLOPs      float64      `json:"peak_gflops"` // one core
	Bandwidth       float64      `json:"bandwidth_gbs"`
	CPU             string       `json:"cpu"`
	Runs            int          `json:"runs"`
	Times           []float64    `json:"times_ms"` // of every run, whole
	Layers          []benchLayer `json:"layers,omitempty"`
}

// benchLayer is one op in one pass.
type benchLayer struct {
	Name  string  `json:"name"`
	MS    float64 `json:"ms"`
	GMACs float64 `json:"gmacs_per_second"`
	GBs   float64 `json:"gb_per_second"`
	Share float64 `json:"share"`
	Floor float64 `json:"floor_ms"`
}

// Working sets of the bandwidth: large enough to leave the second cache, small
// enough to stay a fraction of the memory.
const minSet, maxSet = 8 << 20, 256 << 20

// newBenchResult turns the times into rates, and measures what the machine can
// do.
func newBenchResult(ctx context.Context, mode string, s *benchSubject, rec *opRecorder) (*benchResult, error) {
	batch := float64(s.batch)
	per := median(rec.runs) / batch
	r := &benchResult{
		Mode: mode, MSPerImage: per, ImagesPerSecond: 1e3 / per, Threads: s.threads, Batch: s.batch, Size: s.size,
		PeakRSS:    float64(peakRSS()) / 1e6, // before the bandwidth's blocks
		VMOverhead: median(rec.overhead) / batch, CPU: kernel.Current().String(), Runs: len(rec.runs), Times: rec.runs,
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	r.PeakGFLOPs = peakGFLOPs()
	r.Bandwidth = bandwidthGBs(min(max(4*s.net.ArenaSize(), minSet), maxSet), s.threads)
	costs := netCosts(s.spec, s.size, s.size)
	total := 0.0
	for _, op := range rec.rows {
		c := costs[op.name]
		total += c.MACs
		t := median(op.ms) / batch
		r.Layers = append(r.Layers, benchLayer{
			Name: op.name, MS: t, GMACs: rate(c.MACs, t), GBs: rate(c.Bytes, t), Share: t / per,
			Floor: max(2*c.MACs/(r.PeakGFLOPs*float64(s.threads)), c.Bytes/r.Bandwidth) / 1e6,
		})
	}
	r.GMACs = rate(total, per)
	return r, nil
}

// rate is n in 1e9 per second when it takes ms.
func rate(n, ms float64) float64 {
	if n == 0 {
		return 0
	}
	return n / ms / 1e6
}

// print writes the result for people, the slowest op first.
func (r *benchResult) print(w io.Writer, what string) error {
	_, err := fmt.Fprintf(w, `%s, %s, batch %d, %dx%d, %d threads, %s: median of %d runs
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
	rows := slices.SortedStableFunc(slices.Values(r.Layers), func(a, b benchLayer) int { return cmp.Compare(b.MS, a.MS) })
	sum := benchLayer{Name: "all ops"}
	for _, l := range rows {
		sum.MS += l.MS
		sum.Share += l.Share
		sum.Floor += l.Floor
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "\nms\tGMAC/s\tGB/s\tshare\tfloor ms\ttimes floor\top\t\n")
	for _, l := range append(rows, sum) {
		times := ""
		if l.Floor > 0 {
			times = fmt.Sprintf("%.1f", l.MS/l.Floor)
		}
		fmt.Fprintf(t, "%.4f\t%.1f\t%.1f\t%.1f%%\t%.4f\t%s\t%s\t\n", l.MS, l.GMACs, l.GBs, 100*l.Share, l.Floor, times, l.Name)
	}
	return t.Flush()
}
