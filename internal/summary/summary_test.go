package summary

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"csnet/model"
)

func spec(t *testing.T, change func(*model.Arch)) model.Spec {
	t.Helper()
	a := model.DefaultArch()
	change(&a)
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The keys, names and figures that scripts rely on.
func TestJSON(t *testing.T) {
	for _, c := range []struct {
		name      string
		change    func(*model.Arch)
		keys      []string
		params    int
		withHead  int
		lastLayer string
	}{
		{"x1", func(*model.Arch) {}, []string{"authors_flops", "layers", "macs", "params"}, 210985, 0,
			`{"in":[65],"kernel":1,"macs":815360,"name":"cls","op":"conv","out":[1],"params":66,"stride":1}`},
		{"extractor 0/1", func(a *model.Arch) { a.ExtractorOnly, a.Split = true, []float64{0, 1} },
			[]string{"authors_flops", "layers", "macs", "macs_with_head", "params", "params_with_head"}, 179420, 179501,
			`{"in":[80],"kernel":1,"macs":62720,"name":"cls","op":"conv","out":[1],"params":81,"stride":1}`},
	} {
		s := spec(t, c.change)
		var b bytes.Buffer
		if err := JSON(&b, s); err != nil {
			t.Fatal(err)
		}
		var keys map[string]json.RawMessage
		var r report
		if err := errors.Join(json.Unmarshal(b.Bytes(), &keys), json.Unmarshal(b.Bytes(), &r)); err != nil {
			t.Fatal(err)
		}
		var got []string
		for k := range keys {
			got = append(got, k)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.keys) {
			t.Errorf("%s: keys %v, want %v", c.name, got, c.keys)
		}
		if r.Params != c.params || r.ParamsWithHead != nil && *r.ParamsWithHead != c.withHead {
			t.Errorf("%s: %d parameters, want %d; with head want %d", c.name, r.Params, c.params, c.withHead)
		}
		params, macs := 0, 0
		for _, l := range r.Layers {
			params, macs = params+l.Params, macs+l.MACs
		}
		cost := s.Cost(model.CostSide, model.CostSide)
		if params != cost.ParamsWithHead || macs != cost.MACsWithHead || r.AuthorsFLOPs != cost.FLOPs {
			t.Errorf("%s: layers sum to %d, %d, want %d, %d", c.name, params, macs, cost.ParamsWithHead, cost.MACsWithHead)
		}
		var ls []map[string]json.RawMessage
		if err := json.Unmarshal(keys["layers"], &ls); err != nil {
			t.Fatal(err)
		}
		last, err := json.Marshal(ls[len(ls)-1])
		if err != nil || string(last) != c.lastLayer {
			t.Errorf("%s: last layer %s, want %s", c.name, last, c.lastLayer)
		}
	}
}

// Channels per octave, absent ones included.
func TestLayers(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, spec(t, func(a *model.Arch) { a.Split = []float64{0, 1} })); err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(b.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"stage0.0.mix goctconv [3] [0 20] 3 1", "stage0.0.dw1 depthwise [0 20] [0 20] 3 1",
		"stage2.0.mix goctconv [0 20] [0 40] 3 2", "stage2.3.mix goctconv [0 40] [40] 1 1",
		"csf.fuse goctconv [40 80 80] [13 26 26] 1 1", "csf.ms1 msblock [26] [26] 3 1", "csf.out goctconv [13 26 26] [65] 1 1",
	}
	for _, l := range r.Layers {
		row := fmt.Sprintf("%s %s %v %v %d %d", l.Name, l.Op, l.In, l.Out, l.Kernel, l.Stride)
		want = slices.DeleteFunc(want, func(w string) bool { return w == row })
	}
	if len(want) > 0 {
		t.Errorf("not among the layers: %q", want)
	}
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	if err := Table(&b, spec(t, func(*model.Arch) {}), 0); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	head := lines[0]
	for _, l := range lines[1:slices.Index(lines, "")] {
		if len(l) != len(head) {
			t.Errorf("not aligned with the head line:\n%s\n%s", head, l)
		}
	}
	for _, w := range []string{"parameters", "210,985", "0.4328 G", "0.6106 G", "13/26/26", "224x224, batch 1", "dilations of the MSBlocks: 1/2/4/8/16"} {
		if !strings.Contains(b.String(), w) {
			t.Errorf("%q is missing in\n%s", w, b.String())
		}
	}
	if strings.Contains(b.String(), "added conv") {
		t.Error("a net with a head has no added conv")
	}
	b.Reset()
	if err := Table(&b, spec(t, func(a *model.Arch) { a.ExtractorOnly = true }), 0); err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{"179,420", "0.4956 G", "179,501"} {
		if !strings.Contains(b.String(), w) {
			t.Errorf("%q is missing in\n%s", w, b.String())
		}
	}
	t.Log("\n" + b.String())
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// A writer that fails is an error, not silence.
func TestWriteError(t *testing.T) {
	s := spec(t, func(*model.Arch) {})
	if Table(full{}, s, 0) == nil || JSON(full{}, s) == nil {
		t.Error("no error from a full disk")
	}
}
