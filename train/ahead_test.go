package train

import (
	"errors"
	"math"
	"runtime/debug"
	"strings"
	"testing"

	"csnet/data"
	"csnet/graph"
	"csnet/model"
)

// A run whose net was built ahead has the bytes of one that builds it, tells of every
// batch, and leaves the collector's target as it was; so does one that never begins.
func TestAhead(t *testing.T) {
	pairs := drawn(t, pictures)
	o := options(t, pairs, t.TempDir())
	whole(t, o)
	want := files(t, o.Dir)

	o = options(t, pairs, t.TempDir())
	given, built, examined := 0, 0, 0
	o.Given = func(b *data.Batch) {
		if given++; b.Epoch != (given-1)/perEpoch || b.Index != (given-1)%perEpoch || b.N != batch {
			t.Errorf("batch %d is %d of epoch %d", given, b.Index, b.Epoch)
		}
	}
	o.Examine = func(p *model.Params, x []float32, h, w int) ([]float32, error) {
		examined++
		net := graph.NewPredictor(o.Spec, p, 1)
		defer func() { _ = net.Close() }()
		z, err := net.Logits(x, h, w)
		return append([]float32(nil), z...), err
	}
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	o.Ahead(func() { built++ })
	o.Ahead(func() { t.Error("a second net is built") })
	var places []*float32 // others may read the parameters while the net is built
	for _, p := range o.Params.All() {
		places = append(places, &p.Data[0])
	}
	whole(t, o)
	o.DropAhead()
	for i, p := range o.Params.All() {
		if &p.Data[0] != places[i] {
			t.Errorf("%s was moved after Ahead", p.Path)
		}
	}
	if given != steps || built != 1 || examined != epochs {
		t.Errorf("told of %d batches, built %d, examined %d times, want %d, 1 and %d", given, built, examined, steps, epochs)
	}
	sameFiles(t, "built ahead", files(t, o.Dir), want)

	o = options(t, pairs, t.TempDir())
	o.Ahead(func() {})
	o.DropAhead()
	o.DropAhead()
	if percent := debug.SetGCPercent(100); percent != 100 {
		t.Errorf("the collector's target is %d%% afterwards", percent)
	}
	o.Spec.Stages = nil
	o.Ahead(func() {})
	defer o.DropAhead()
	if _, err := Run(t.Context(), o); err == nil {
		t.Error("a net that cannot be built is run")
	}
}

// What Examine finds ends a run.
func TestExamine(t *testing.T) {
	o := options(t, drawn(t, pictures), t.TempDir())
	z := []float32{0, float32(math.NaN())}
	o.Examine = func(*model.Params, []float32, int, int) ([]float32, error) { return z, nil }
	var d *Diverged
	if _, err := Run(t.Context(), o); !errors.As(err, &d) || !strings.Contains(d.What, "predictions are not finite") {
		t.Errorf("maps that are not finite: %v", err)
	}
	o = options(t, drawn(t, pictures), t.TempDir())
	broken := errors.New("no net")
	o.Examine = func(*model.Params, []float32, int, int) ([]float32, error) { return nil, broken }
	if _, err := Run(t.Context(), o); !errors.Is(err, broken) {
		t.Errorf("no map: %v", err)
	}
}
