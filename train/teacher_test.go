package train

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"csnet/graph"
)

// drawnTeacher is a net of the tests' kind with weights of its own.
func drawnTeacher(t *testing.T) Teacher {
	t.Helper()
	spec := smallSpec(t)
	params, err := spec.NewParams(77)
	if err != nil {
		t.Fatal(err)
	}
	p := graph.NewPredictor(spec, params, 2)
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// Targets go the share of the way from the mask to the teacher's probability.
func TestTeach(t *testing.T) {
	l := loader(t, drawn(t, pictures))
	teacher := drawnTeacher(t)
	for b, err := range l.Epoch(context.Background(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		masks := slices.Clone(b.Y)
		z, err := teacher.Batch(b.X, b.N, b.Size, b.Size)
		if err != nil {
			t.Fatal(err)
		}
		logits := slices.Clone(z)
		r := &run{Options: Options{Config: Config{Distill: 0.25}, Teacher: teacher}, Stepper: &Stepper{}}
		if err := r.teach(b); err != nil {
			t.Fatal(err)
		}
		for i, y := range b.Y {
			want := 0.75*float64(masks[i]) + 0.25/(1+math.Exp(-float64(logits[i])))
			if math.Abs(float64(y)-want) > 1e-6 {
				t.Fatalf("target %d is %g, want %g", i, y, want)
			}
		}
		break
	}
}

// A run that is to learn from a teacher needs one.
func TestTeacherMissing(t *testing.T) {
	o := options(t, drawn(t, pictures), t.TempDir())
	o.Distill = 0.5
	if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), "train.distill is 0.5, a teacher is missing") {
		t.Errorf("%v", err)
	}
}
