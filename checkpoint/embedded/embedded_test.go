package embedded

import (
	"encoding/json"
	"testing"
)

// The model keeps what its card promises: its size, its kind and on what it was
// trained, and it holds nothing that only a training run needs.
func TestModel(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if n := c.Spec.ParamCount(); n > MaxParams || n < 10_000 {
		t.Errorf("%d parameters, want at most %d", n, MaxParams)
	}
	if c.Optim != nil {
		t.Error("holds optimizer state")
	}
	if len(file) > 500_000 {
		t.Errorf("%d bytes, want at most 500,000", len(file))
	}
	var m struct{ Set, Digest string }
	if err := json.Unmarshal([]byte(c.Manifest), &m); err != nil || m.Set != "DUTS-TR" || len(m.Digest) != 64 {
		t.Errorf("manifest %q: %v; want the digest of DUTS-TR", c.Manifest, err)
	}
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if a, b := c.Params.All()[0].Data, d.Params.All()[0].Data; &a[0] == &b[0] {
		t.Error("two loads share their memory")
	}
}
