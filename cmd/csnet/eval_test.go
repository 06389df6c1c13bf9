package main

import (
	"strings"
	"testing"
)

// eval scores nets and maps on sets; maps that it saved score as the net did; a
// report is written; gates decide the exit code.
func TestEvalCommand(t *testing.T) {
	trained(t)
	o := object(t, "eval", "-c", bestNet, "-d", "D=other", "--protocol", "both", "--save-maps", "maps", "--out", "scores", "--json")
	has(t, o, "sets.D.images", "sets.D.salmetric.maxF", "sets.D.salmetric.MAE")
	for _, m := range []string{"MAE", "maxF", "meanF", "adpF", "wF", "Sm", "maxE", "meanE", "adpE"} {
		has(t, o, "sets.D.pysod."+m)
	}
	there(t, "scores/report.html", "scores/scores.csv", "scores/per_image.csv")
	if _, _, errs := cli("eval", "-c", bestNet, "-d", "D=other", "--out", "scores"); !strings.Contains(errs, "report written over an earlier one to scores") {
		t.Errorf("a second report: %s", errs)
	}
	again := object(t, "eval", "--maps", "maps", "-d", "D=other", "--protocol", "both", "--json")
	for _, path := range []string{"sets.D.salmetric.maxF", "sets.D.pysod.wF"} {
		if at(o, path) != at(again, path) {
			t.Errorf("%s: %v from the net, %v from its maps", path, at(o, path), at(again, path))
		}
	}
	several := object(t, "eval", "-c", "one="+bestNet, "-c", "two="+lastNet, "-d", "set", "-d", "other", "--json")
	if methods, ok := several["methods"].([]any); !ok || len(methods) != 2 || at(methods[1], "sets.other.salmetric.MAE") == nil {
		t.Errorf("%v", several)
	}
	if code, out, _ := cli("eval", "-d", "other", "--baselines"); code != 0 || !strings.Contains(out, "centred-gaussian") || !strings.Contains(out, "maxF") {
		t.Errorf("exit %d: %s", code, out)
	}
	must(t, "eval", "-c", bestNet, "-d", "other", "--gate", "other.MAE=1")
	wrong(t, exitFailed, "1 of 1 gates missed", "eval", "-c", bestNet, "-d", "other", "--gate", "other.maxF=0.9999")
	wrong(t, exitUsage, "gate", "eval", "-c", bestNet, "-d", "other", "--gate", "third.maxF=0.9999")
	wrong(t, exitUsage, "--data is missing", "eval", "-c", bestNet)
	wrong(t, exitUsage, "named", "eval", "-c", "n="+bestNet, "-c", "n="+lastNet, "-d", "other")
	wrong(t, exitUsage, "--size", "eval", "-c", bestNet, "-d", "other", "--size", "41")
	wrong(t, exitFailed, "nowhere", "eval", "-c", bestNet, "-d", "nowhere")
}

// On a terminal no line of a table is wider than it.
func TestEvalTableFits(t *testing.T) {
	trained(t)
	for _, width := range []int{60, 80, 140} {
		out := &screen{width: width}
		if code := run(t.Context(), []string{"eval", "-c", bestNet, "-d", "other", "-d", "set", "--protocol", "both", "--baselines"}, streams{out, &strings.Builder{}}); code != 0 {
			t.Fatal(code)
		}
		if out.wraps > 0 || len(out.lines) < 10 {
			t.Errorf("width %d: %d lines wrap of %d: %.500q", width, out.wraps, len(out.lines), out.lines)
		}
	}
}
