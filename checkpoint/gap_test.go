package checkpoint

import (
	"maps"
	"strings"
	"testing"
)

// TestGapNamed: whichever single tensor a file lacks, the error names it and not one
// that no longer fits for want of it.
func TestGapNamed(t *testing.T) {
	c := tiny(t)
	full := released(c.Spec, c.Params)
	for name, tensor := range full {
		if len(tensor.Data) == 0 {
			continue
		}
		ts := maps.Clone(full)
		delete(ts, name)
		_, err := (&foreignNet{tensors: ts}).checkpoint()
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "missing") {
			t.Errorf("without %s: got %v", name, err)
		}
	}
	if len(full) < 50 {
		t.Errorf("only %d tensors were tried", len(full))
	}
}
