package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"

	"csnet/internal/bench"
	"csnet/internal/output"
	"csnet/internal/wholefile"
	"csnet/model"
	"csnet/prune"
)

// latencyRatios are the shares of the channels that the nets of a latency table lack.
func latencyRatios() []float64 { return []float64{0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9} }

// latencySpecs are nets like that of spec, evenly narrower.
func latencySpecs(spec model.Spec) ([]model.Spec, error) {
	even, err := spec.NewParams(1) // all gammas are 1: the layers shrink evenly
	if err != nil {
		return nil, err
	}
	var out []model.Spec
	for _, ratio := range latencyRatios() {
		plan, err := prune.NewPlan(spec, even, prune.Options{Ratio: &ratio})
		if err != nil {
			return nil, err
		}
		narrower, err := plan.Spec(spec)
		if err != nil {
			return nil, err
		}
		out = append(out, narrower)
	}
	return out, nil
}

// measureLatency makes the latency table of a net.
func measureLatency(ctx context.Context, spec model.Spec, size, threads, runs int, io streams) (*bench.Latency, error) {
	specs, err := latencySpecs(spec)
	if err != nil {
		return nil, err
	}
	show := newProgress(io, "bench", "widths", 0, len(specs))
	defer show.done()
	o := bench.Options{Size: size, Threads: threads, Runs: runs, Clock: stopwatch(), Progress: show.of}
	return bench.MeasureLatency(ctx, o, specs, func(s model.Spec) (*model.Params, error) {
		p, err := s.NewParams(1)
		if err != nil {
			return nil, err
		}
		return p, bench.CalibrateNorms(s, p)
	})
}

// latencyKind is the kind of file that bench --latency writes.
func latencyKind() output.Kind {
	return output.Kind{Name: "a latency table", Is: func(path string) bool {
		f, err := os.Open(path)
		if err != nil {
			return false
		}
		defer f.Close()
		begin := make([]byte, 64)
		n, _ := f.Read(begin) // shorter files are none
		return bytes.Contains(begin[:n], []byte(bench.LatencyFormat))
	}}
}

// benchLatency makes the table of csnet bench --latency and prints it.
func (o benchOptions) benchLatency(ctx context.Context, b bench.Options, io streams) error {
	g := output.Guard{Overwrite: o.Overwrite}
	g.Reads("the checkpoint", o.Checkpoint)
	g.Reads("the config", o.Config)
	if err := guardFlag(&g, "--latency", o.Latency, latencyKind()); err != nil {
		return err
	}
	t, err := measureLatency(ctx, b.Spec, b.Size, b.Threads, b.Runs, io)
	if err != nil {
		return err
	}
	if err := wholefile.Write(o.Latency, t.Write); err != nil {
		return fmt.Errorf("%s: %w", o.Latency, err)
	}
	sayUnsynced(io, o.Latency)
	if o.JSON {
		return printJSON(io.out, t)
	}
	if err := t.Print(io.out, io.width()); err != nil {
		return err
	}
	io.tell("written to %s", o.Latency)
	io.next("To prune to a time", "csnet", "prune", "-c", cmp.Or(o.Checkpoint, "net.safetensors"), "--target-ms", "X", "--latency", o.Latency, "--out", "small.safetensors")
	return nil
}

// readLatency reads the file of --latency for nets of spec.
func readLatency(path string, spec model.Spec) (*bench.Latency, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--latency: %w", err)
	}
	defer f.Close()
	t, err := bench.ReadLatency(f, spec)
	if err != nil {
		return nil, fmt.Errorf("--latency %s: %w", path, err)
	}
	return t, nil
}
