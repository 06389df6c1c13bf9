package torchfile

import (
	"os"
	"reflect"
	"testing"
)

// testdata/torch113.pth is what torch.save of PyTorch 1.13 writes: a zip of a dict with a
// state_dict of tensors of all kinds, some of which share a storage or are views of it.
func TestTorch113(t *testing.T) {
	raw, err := os.ReadFile("testdata/torch113.pth")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Tensor{
		"module.a":                      {"F32", []int{3, 4}, []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		"module.a_t":                    {"F32", []int{4, 3}, []float32{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}},
		"module.a_tail":                 {"F32", []int{4}, []float32{8, 9, 10, 11}},
		"module.half":                   {"F16", []int{3}, []float32{1.5, -2, 65504}},
		"module.half_view":              {"F16", []int{2}, []float32{2, 4}},
		"module.double":                 {"F64", []int{1}, []float32{0.1}},
		"module.bfloat":                 {"BF16", []int{1}, []float32{3}},
		"module.weight":                 {"F32", []int{1}, []float32{7}},
		"module.bn.num_batches_tracked": {"I64", []int{}, nil},
		"module.scalar":                 {"F32", []int{}, []float32{2.5}},
		"module.empty":                  {"F32", []int{0, 3}, nil},
	}
	for name, w := range want {
		if g := got[name]; !reflect.DeepEqual(g, w) {
			t.Errorf("%s is %v, must be %v", name, g, w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d tensors, must be %d", len(got), len(want))
	}
	for n := 0; n < len(raw); n += 7 {
		if _, err := Read(raw[:n]); err == nil {
			t.Errorf("cut at %d of %d: no error", n, len(raw))
		}
	}
}
