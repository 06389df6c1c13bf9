package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/eval"
	"csnet/graph"
	"csnet/internal/output"
	"csnet/model"
	"csnet/prune"
	"csnet/train"
)

// prunePhotos are the photos that pruning measures on.
type prunePhotos struct {
	pairs       []data.Pair
	size        int // side of the net's input
	recalibrate int
	io          streams
}

// Photos that a net is compared on, and that averages are taken over.
const (
	proofPhotos = 8
	gapPhotos   = 64
)

// photos finds the set of --data; nil without it.
func (o pruneOptions) photos(ctx context.Context, c storedNet, io streams) (*prunePhotos, error) {
	if o.Data == "" {
		return nil, nil
	}
	conf, err := c.config()
	if err != nil {
		return nil, err
	}
	opts, err := o.read.options()
	if err != nil {
		return nil, err
	}
	_, in, err := setReader{mask: opts.Mask, exif: opts.Exif, io: io}.read(ctx, o.Data, o.read.folders())
	if err != nil {
		return nil, err
	}
	if n := len(in.Pairs); n == 0 || o.Recalibrate > n {
		return nil, usagef("--data %s holds %d pairs of photo and mask, must be at least %d", o.Data, n, max(1, o.Recalibrate))
	}
	g := output.Guard{Overwrite: o.Overwrite}
	guardSet(&g, in.Pairs)
	if err := o.guardWith(&g); err != nil {
		return nil, err
	}
	return &prunePhotos{pairs: in.Pairs, size: conf.Eval.Size, recalibrate: o.Recalibrate, io: io}, nil
}

// drawn returns a loader of n photos from all over the set, as they are, and what
// a net for its batches is built with.
func (p *prunePhotos) drawn(n int) (*data.Loader, graph.Options, error) {
	n = min(n, len(p.pairs))
	batch := min(n, proofPhotos)
	n -= n % batch
	pairs := make([]data.Pair, n)
	for i := range pairs {
		pairs[i] = p.pairs[i*len(p.pairs)/n]
	}
	l, err := data.NewLoader(data.LoaderOptions{Pairs: pairs, Size: p.size, Batch: batch, Seed: 1})
	return l, graph.Options{Batch: batch, H: p.size, W: p.size, Threads: 1}, err
}

// gaps returns the mean outputs of the norms, for the criterion gamma-gap.
func (p *prunePhotos) gaps(ctx context.Context, c storedNet) (map[string][]float64, error) {
	l, o, err := p.drawn(gapPhotos)
	if err != nil {
		return nil, err
	}
	return train.Gaps(ctx, c.Spec, c.Params, l, o)
}

// measure compares the nets on photos, takes the statistics of the pruned one
// anew, if that was asked for, and scores both on the whole set.
func (p *prunePhotos) measure(ctx context.Context, c storedNet, pruned *checkpoint.Checkpoint, plan *prune.Plan, r *prune.Report) error {
	l, _, err := p.drawn(proofPhotos)
	if err != nil {
		return err
	}
	for b, err := range l.Epoch(ctx, 0, 0) {
		if err != nil {
			return err
		}
		d := prune.Differences{Count: b.N}
		on := prune.Images{X: b.X, N: b.N, H: b.Size, W: b.Size, What: "photos"}
		if d.MaxAbsDiff, d.MaxAbsDiffBefore, err = prune.VerifyOn(forward, c.Spec, c.Params, plan, on); err != nil {
			return err
		}
		r.Photos = &d
	}
	if p.recalibrate > 0 {
		l, o, err := p.drawn(p.recalibrate)
		if err != nil {
			return err
		}
		if err := train.Recalibrate(ctx, pruned.Spec, pruned.Params, l, o); err != nil {
			return err
		}
	}
	before, err := p.score(ctx, "score before", c.Spec, c.Params)
	if err != nil {
		return err
	}
	after, err := p.score(ctx, "score after", pruned.Spec, pruned.Params)
	if err != nil {
		return err
	}
	r.Scores = &prune.Scores{Images: len(p.pairs), Before: before, After: after}
	return nil
}

// score is the net's on the whole set, under the salmetric protocol.
func (p *prunePhotos) score(ctx context.Context, what string, spec model.Spec, params *model.Params) (prune.Score, error) {
	show := newProgress(p.io, what, "photos", 0, len(p.pairs))
	defer show.done()
	s, err := eval.Validate(ctx, p.pairs, eval.ValidateOptions{
		NewNet: func() (eval.Net, error) { return graph.NewPredictor(spec, params, 1), nil },
		Size:   p.size, Threads: runtime.GOMAXPROCS(0), Progress: show.of,
	})
	return prune.Score{MaxF: s.MaxF, MAE: s.MAE}, err
}

// readPlan reads a plan file for nets of spec.
func readPlan(path string, spec model.Spec) (*prune.Plan, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--apply: %w", err)
	}
	defer f.Close()
	plan, err := prune.ReadPlan(f, spec)
	if err != nil {
		return nil, fmt.Errorf("--apply %s: %w", path, err)
	}
	return plan, nil
}

// planKind is the kind of file that --plan writes.
func planKind() output.Kind {
	return output.Kind{Name: "a plan", Is: func(path string) bool {
		f, err := os.Open(path)
		if err != nil {
			return false
		}
		defer f.Close()
		begin := make([]byte, 64)
		n, _ := io.ReadFull(f, begin) // shorter files are none
		return prune.IsPlan(begin[:n])
	}}
}
