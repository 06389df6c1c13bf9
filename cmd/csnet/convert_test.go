package main

import (
	"os"
	"strings"
	"testing"
)

// A net survives the way to the release's names and back; ONNX is written and
// checked; what is no net is refused.
func TestImportExportCommands(t *testing.T) {
	trained(t)
	must(t, "export", "-c", bestNet, "--format", "pytorch", "-o", "there.safetensors")
	code, out, errs := cli("import", "--from", "there.safetensors", "--out", "back.safetensors")
	if code != 0 || out != "back.safetensors\n" || !strings.Contains(errs, "csnet predict -c back.safetensors") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if want := "there.safetensors says: input size 32, protocol salmetric, eps of the norms 1e-05, dilations [1 2 4 8 16]"; !strings.Contains(errs, want) {
		t.Errorf("what the file said is not told, want %q in:\n%s", want, errs)
	}
	_, _, errs = cli("import", "--from", "there.safetensors", "--like", bestNet, "--out", "liked.safetensors")
	if want := "taken from " + bestNet + ": input size 32, "; !strings.Contains(errs, want) {
		t.Errorf("what --like gave is not told, want %q in:\n%s", want, errs)
	}
	must(t, "export", "-c", "back.safetensors", "-o", "again.safetensors")
	equal(t, "there.safetensors", "again.safetensors")
	must(t, "export", "-c", bestNet, "--format", "onnx", "--size", "32", "-o", "net.onnx")
	there(t, "net.onnx")
	code, out, errs = cli("export", "-c", bestNet, "--format", "onnx", "--size", "32", "--half", "-o", "half.onnx")
	if code != 0 || !strings.Contains(errs, "of the largest value, by the rounding of its weights") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if err := os.WriteFile("garbage.pth.tar", []byte("this is no checkpoint"), 0o600); err != nil {
		t.Fatal(err)
	}
	wrong(t, exitFailed, "garbage.pth.tar", "import", "--from", "garbage.pth.tar", "--out", "x.safetensors")
	wrong(t, exitUsage, "--out is missing", "import", "--from", "there.safetensors")
	wrong(t, exitUsage, "--from is missing", "import", "--out", "x.safetensors")
	wrong(t, exitUsage, "--out is missing", "export", "-c", bestNet)
	absent(t, "x.safetensors")
}
