package prune

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"csnet/internal/refnet"
	"csnet/model"
)

func forward(s model.Spec, p *model.Params, x []float32, n, h, w int) ([]float32, error) {
	y, err := refnet.Forward(s, p, x, n, h, w)
	out := make([]float32, len(y))
	for i, v := range y {
		out[i] = float32(v)
	}
	return out, err
}

func tiny(t *testing.T, extractor bool) model.Spec {
	t.Helper()
	a := model.DefaultArch()
	a.Width, a.Blocks, a.Multipliers, a.ExtractorOnly = 0.3, []int{1, 2, 2}, []float64{1, 1, 2, 2}, extractor
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestVerify(t *testing.T) {
	spec := tiny(t, false)
	p := fill(t, spec, 5, 0.6)
	plan := mustPlan(t, spec, p, Options{})
	if plan.Removed == 0 {
		t.Fatal("nothing removed")
	}
	d, before, err := Verify(forward, spec, p, plan, 1)
	if err != nil {
		t.Fatal(err)
	}
	if d > 1e-5 || before < 1e-3 {
		t.Errorf("differences %g and %g, want rounding and more", d, before)
	}
	if d2, before2, _ := Verify(forward, spec, p, plan, 1); d2 != d || before2 != before {
		t.Error("a second run differs")
	}
	wrong := func(s model.Spec, p *model.Params, x []float32, n, h, w int) ([]float32, error) {
		y, err := forward(s, p, x, n, h, w)
		if s.ParamCount() < spec.ParamCount() {
			y[len(y)-1] += 0.5
		}
		return y, err
	}
	if d, _, err := Verify(wrong, spec, p, plan, 1); err != nil || math.Abs(d-0.5) > 1e-3 {
		t.Errorf("a wrong compact net: difference %g, %v, want 0.5", d, err)
	}
	bad := func(s model.Spec, p *model.Params, x []float32, n, h, w int) ([]float32, error) {
		y, err := forward(s, p, x, n, h, w)
		y[7] = float32(math.NaN())
		return y, err
	}
	if _, _, err := Verify(bad, spec, p, plan, 1); err == nil {
		t.Error("NaN logits: no error")
	}
}

// Nothing to remove: the net is its own compact net.
func TestNothingToRemove(t *testing.T) {
	spec := tiny(t, false)
	p := fill(t, spec, 6, 0)
	plan := mustPlan(t, spec, p, Options{})
	d, before, err := Verify(forward, spec, p, plan, 1)
	if plan.Removed != 0 || d != 0 || before != 0 || err != nil {
		t.Errorf("removed %d, differences %g and %g, %v", plan.Removed, d, before, err)
	}
}

// The JSON has the contract's keys and figures that agree with Cost.
func TestReport(t *testing.T) {
	for _, extractor := range []bool{false, true} {
		spec := tiny(t, extractor)
		p := fill(t, spec, 7, 0.6)
		after, err := mustPlan(t, spec, p, Options{}).Spec(spec)
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewReport(spec, after, &Plan{Fold: FoldNone, Stays: []Stay{}}, 1e-6, 0.25)
		if err != nil {
			t.Fatal(err)
		}
		var buf bytes.Buffer
		if err := r.JSON(&buf); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Before, After map[string]int
			Layers        []struct {
				Name          string
				Before, After []int
			}
			D     *float64 `json:"max_abs_diff"`
			DB    *float64 `json:"max_abs_diff_before"`
			Fold  string
			Stays []Stay
		}
		d := json.NewDecoder(&buf)
		d.DisallowUnknownFields()
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		cb, ca := spec.Cost(224, 224), after.Cost(224, 224)
		if got.Before["params"] != cb.Params || got.Before["macs"] != cb.MACs || got.After["params"] != ca.Params || got.After["macs"] != ca.MACs || *got.D != 1e-6 || *got.DB != 0.25 || got.Fold != "none" || got.Stays == nil {
			t.Errorf("%+v", got)
		}
		if _, ok := got.After["params_with_head"]; ok != extractor || extractor && got.After["macs_with_head"] != ca.MACsWithHead {
			t.Errorf("extractor %v: %v", extractor, got.After)
		}
		for i, l := range after.Layers() {
			if g := got.Layers[i]; g.Name != l.Name || !slices.Equal(g.After, l.Out) || !slices.Equal(g.Before, spec.Layers()[i].Out) {
				t.Errorf("layer %d: %+v, want %s %v", i, g, l.Name, l.Out)
			}
		}
	}
}

func TestTable(t *testing.T) {
	spec := tiny(t, false)
	p := fill(t, spec, 7, 0)
	for _, l := range []string{"mix", "dw1"} {
		p.Get("stage1.0." + l + ".norm1.gamma").Data[0] = 0
	}
	after, err := mustPlan(t, spec, p, Options{}).Spec(spec)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReport(spec, after, &Plan{Fold: FoldNone, Stays: []Stay{}}, 1e-6, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := errors.Join(r.Details(&buf, 0), r.Summary(&buf)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"stage1.0    3 => 3    3 => 2", "csf.ms0, channels per dilation", "parameters: ", "1e-06 to the masked net, 0.25 to the net before"} {
		if !strings.Contains(buf.String(), want) {
			t.Errorf("no %q in\n%s", want, buf.String())
		}
	}
}

// A block that loses nearly all is named, by its channels in all octaves.
func TestSummaryNamesDyingBlocks(t *testing.T) {
	spec := tiny(t, false)
	var after model.Spec
	raw, err := json.Marshal(spec)
	if err := errors.Join(err, json.Unmarshal(raw, &after)); err != nil {
		t.Fatal(err)
	}
	after.Stages[1].Blocks[0].Out = []int{0, 0}
	r, err := NewReport(spec, after, &Plan{Fold: FoldNone, Stays: []Stay{}}, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := r.Summary(&buf); err != nil || !strings.Contains(buf.String(), "little is left of stage1.0: 6 => 0 channels") || strings.Count(buf.String(), "little is left") != 1 {
		t.Errorf("%v in\n%s", err, buf.String())
	}
}
