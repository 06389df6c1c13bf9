package eval

import (
	"os"
	"path/filepath"
	"testing"
)

// A path with an equals sign in it is a path, if it is there.
func TestSplitNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("lr=0.01", 0o755); err != nil {
		t.Fatal(err)
	}
	save(t, filepath.Join("lr=0.01", "best.safetensors"), nil)
	save(t, "epoch=6.safetensors", nil)
	for arg, want := range map[string][2]string{
		"lr=0.01/best.safetensors": {"", "lr=0.01/best.safetensors"},
		"lr=0.01":                  {"", "lr=0.01"},
		"epoch=6.safetensors":      {"", "epoch=6.safetensors"},
		"x1=epoch=6.safetensors":   {"x1", "epoch=6.safetensors"},
		"x1=lr=0.01/best":          {"x1", "lr=0.01/best"},
		"x1=net.safetensors":       {"x1", "net.safetensors"},
		"net.safetensors":          {"", "net.safetensors"},
		"runs/a=b/c.safetensors":   {"", "runs/a=b/c.safetensors"},
		"lr=0.02/best.safetensors": {"lr", "0.02/best.safetensors"},
		"=net.safetensors":         {"", "=net.safetensors"},
		`C:\nets\a=b.safetensors`:  {"", `C:\nets\a=b.safetensors`},
	} {
		if name, path := SplitNamed(arg); name != want[0] || path != want[1] {
			t.Errorf("%s: %q, %q", arg, name, path)
		}
	}
}
