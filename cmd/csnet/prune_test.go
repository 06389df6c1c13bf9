package main

import (
	"strings"
	"testing"
)

// prune writes a smaller net that other commands take, reports it in the contract's
// keys, and says what it costs on a set.
func TestPruneCommand(t *testing.T) {
	trained(t)
	before := at(object(t, "summary", "-c", lastNet, "--json"), "params").(float64)
	o := object(t, "prune", "-c", lastNet, "-o", "small.safetensors", "--ratio", "0.4", "--fold", "none", "--data", "other", "--json")
	has(t, o, "before.params", "before.macs", "after.params", "after.macs", "layers", "scores.before.maxF", "scores.after.MAE")
	if at(o, "before.params") != before || at(o, "after.params").(float64) >= before {
		t.Errorf("%v => %v parameters of %v", at(o, "before.params"), at(o, "after.params"), before)
	}
	if d, ok := at(o, "max_abs_diff").(float64); !ok || d > 1e-4 {
		t.Errorf("max_abs_diff %v", at(o, "max_abs_diff"))
	}
	if got := at(object(t, "summary", "-c", "small.safetensors", "--json"), "params"); got != at(o, "after.params") {
		t.Errorf("the file has %v parameters, the report %v", got, at(o, "after.params"))
	}

	code, out, errs := cli("prune", "-c", lastNet, "-o", "again.safetensors", "--ratio", "0.4", "--data", "other")
	if code != 0 || !strings.Contains(out, "parameters: ") || !strings.Contains(out, "maxF 0.") || strings.Contains(out, "octave 0") {
		t.Errorf("exit %d: %s", code, out)
	}
	if !strings.Contains(errs, "csnet train --config finetune --from again.safetensors --data other") {
		t.Errorf("what next is not said: %s", errs)
	}
	const hint = "with --data DIR"
	if _, _, alone := cli("prune", "-c", lastNet, "-o", "alone.safetensors", "--ratio", "0.4"); !strings.Contains(alone, hint) || strings.Contains(errs, hint) {
		t.Errorf("without a set --data must be named, with one not: %s%s", alone, errs)
	}
	if _, out, _ = cli("prune", "-c", lastNet, "--ratio", "0.4", "--dry-run", "-v"); !strings.Contains(out, "octave 0") || !strings.Contains(out, "stage1.0") {
		t.Errorf("--verbose: %s", out)
	}

	wrong(t, exitUsage, "--checkpoint is missing", "prune", "--ratio", "0.4", "--out", "x.safetensors")
	wrong(t, exitUsage, "--out is missing", "prune", "-c", lastNet, "--ratio", "0.4")
	wrong(t, exitUsage, "ratio", "prune", "-c", lastNet, "--ratio", "1", "-o", "x.safetensors")
	wrong(t, exitUsage, "threshold", "prune", "-c", lastNet, "--ratio", "0.1", "--threshold", "1", "-o", "x.safetensors")
	wrong(t, exitFailed, "small.yaml", "prune", "-c", "small.yaml", "--ratio", "0.1", "-o", "x.safetensors")
	absent(t, "x.safetensors")
}
