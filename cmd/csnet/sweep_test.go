package main

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// A latency table is written and read again; a net pruned to a time is the largest that
// the table allows, and what is impossible says what is not.
func TestPruneToATime(t *testing.T) {
	trained(t)
	o := object(t, "bench", "-c", lastNet, "--latency", "times.json", "--size", "32", "--threads", "1", "--runs", "3", "--json")
	has(t, o, "layers", "widths", "rest_ms", "spec")
	r := object(t, "prune", "-c", lastNet, "--target-ms", "1000", "--latency", "times.json", "--dry-run", "--json")
	if at(r, "after.params") != at(r, "before.params") || at(r, "time.after_ms") != at(r, "time.before_ms") {
		t.Errorf("1000 ms are enough for the whole net: %v", at(r, "time"))
	}
	whole := at(r, "time.before_ms").(float64)
	target := .8 * whole
	r = object(t, "prune", "-c", lastNet, "--target-ms", strconv.FormatFloat(target, 'g', -1, 64), "--latency", "times.json", "-o", "fast.safetensors", "--json")
	if got := at(r, "time.after_ms").(float64); got > target || at(r, "after.params").(float64) >= at(r, "before.params").(float64) {
		t.Errorf("%g ms, at most %g were asked for: %v", got, target, at(r, "after"))
	}
	there(t, "fast.safetensors")
	wrong(t, exitFailed, "smallest net possible has", "prune", "-c", lastNet, "--target-ms", "1e-9", "--latency", "times.json", "-o", "x.safetensors")
	wrong(t, exitUsage, "target-ms", "prune", "-c", lastNet, "--target-ms", "-1", "-o", "x.safetensors")
	wrong(t, exitUsage, "goes with --target-ms", "prune", "-c", lastNet, "--ratio", ".1", "--latency", "times.json", "-o", "x.safetensors")
	wrong(t, exitFailed, "no latency table", "prune", "-c", lastNet, "--target-ms", "1", "--latency", "small.yaml", "-o", "x.safetensors")
	wrong(t, exitUsage, "--latency measures", "bench", "-c", lastNet, "--latency", "times.json", "--mode", "train")
	wrong(t, exitUsage, "not a latency table", "bench", "-c", lastNet, "--latency", "small.yaml")
	must(t, "train", "--config", "small.yaml", "-d", "set", "-o", "other-net", "-s", "net.blocks=[1,1,2,1]")
	wrong(t, exitFailed, "of another net", "prune", "-c", "other-net/checkpoints/last.safetensors", "--target-ms", "1", "--latency", "times.json", "-o", "x.safetensors")
	absent(t, "x.safetensors")
}

// A sweep scores nets of every ratio and writes tables, figures and a page; its folder
// may be written anew, another one not.
func TestPruneSweep(t *testing.T) {
	trained(t)
	must(t, "bench", "-c", lastNet, "--latency", "times.json", "--size", "32", "--threads", "1", "--runs", "3")
	args := []string{"prune", "-c", lastNet, "--sweep", "--val", "other", "--latency", "times.json", "--criterion", "gamma-gap", "--recalibrate", "4", "--out", "sweep"}
	o := object(t, append(args, "--json")...)
	nets := o["nets"].([]any)
	if len(nets) != 10 || at(nets[9], "params").(float64) >= at(nets[0], "params").(float64) || at(nets[9], "ms").(float64) > at(nets[0], "ms").(float64) {
		t.Errorf("%v", nets)
	}
	there(t, "sweep/sweep.csv", "sweep/accuracy-parameters.svg", "sweep/accuracy-parameters.png", "sweep/accuracy-ms.svg", "sweep/channels-0.5.svg", "sweep/channels-0.5.png")
	raw, err := os.ReadFile("sweep/report.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Accuracy against parameters", "Accuracy against ms", "Channels per octave, ratio 0.5", "csf.ms1"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	must(t, args...)
	wrong(t, exitUsage, "no earlier sweep", append(args[:len(args)-1:len(args)-1], "run")...)
	wrong(t, exitUsage, "--val is missing", "prune", "-c", lastNet, "--sweep", "--out", "x")
	wrong(t, exitUsage, "both given", "prune", "-c", lastNet, "--sweep", "--val", "other", "--ratio", "0.1", "--out", "x")
	wrong(t, exitUsage, "--val goes with --sweep", "prune", "-c", lastNet, "--ratio", "0.1", "--val", "other", "--out", "x")
	absent(t, "x")
}

// What is impossible says what is possible: targets, thresholds, plans of another net,
// and checkpoints from which no run can go on.
func TestPruneImpossible(t *testing.T) {
	trained(t)
	wrong(t, exitFailed, "smallest net possible has", "prune", "-c", lastNet, "--target-params", "3", "-o", "x.safetensors")
	wrong(t, exitFailed, "smallest net possible has", "prune", "-c", lastNet, "--target-macs", "3", "-o", "x.safetensors")
	wrong(t, exitFailed, "would empty the net; up to", "prune", "-c", lastNet, "--threshold", "1e9", "-o", "x.safetensors")
	must(t, "prune", "-c", lastNet, "--ratio", ".3", "--plan", "plan.json", "-o", "small.safetensors")
	wrong(t, exitFailed, "another net", "prune", "-c", "small.safetensors", "--apply", "plan.json", "-o", "x.safetensors")
	if err := os.Remove(lastNet); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename("small.safetensors", lastNet); err != nil {
		t.Fatal(err)
	}
	wrong(t, exitFailed, "has no optimizer state to resume from; use it with --from", "train", "--resume", "--out", "run")
	absent(t, "x.safetensors")
}
