package main

import (
	"os"
	"strings"
	"testing"
)

// The parts of an eval, merged, are the eval; a part that is missing is named.
func TestEvalMerge(t *testing.T) {
	trained(t)
	whole := []string{"eval", "-c", bestNet, "-d", "other", "--protocol", "both"}
	_, table, _ := cli(append(whole, "--out", "whole")...)
	json := object(t, append(whole, "--json")...)
	for _, i := range []string{"0", "2", "4"} {
		must(t, append(whole, "--out", "parts", "--shard", i+"/5")...)
	}
	wrong(t, exitFailed, "2 of 5 shards are missing: 1, 3 (csnet eval ... --shard 1/5 makes one)", "eval", "merge", "parts")
	t.Setenv("SLURM_ARRAY_TASK_ID", "1")
	t.Setenv("CSNET_SHARDS", "5")
	must(t, append(whole, "--out", "parts", "--shard", "env")...)
	if o := object(t, append(whole, "--out", "parts", "--shard", "3/5", "--json")...); at(o, "shard") != 3.0 || at(o, "of") != 5.0 || at(o, "images") != 2.0 {
		t.Errorf("%v", o)
	}
	if code, out, errs := cli("eval", "merge", "parts"); code != 0 || out != table {
		t.Errorf("exit %d: %s\n%s, want\n%s", code, errs, out, table)
	}
	for _, f := range []string{"scores.md", "scores.tex", "scores.csv", "scores.json", "per_image.csv", "curves.csv"} {
		equal(t, "whole/"+f, "parts/"+f)
	}
	page, err := os.ReadFile("parts/report.html")
	if err != nil || strings.Contains(string(page), "--shard") || !strings.Contains(string(page), "csnet eval ") {
		t.Errorf("the page names a part's command: %v", err)
	}
	if o := object(t, "eval", "merge", "parts", "--json"); at(o, "sets.other.pysod.wF") != at(json, "sets.other.pysod.wF") {
		t.Errorf("%v", o)
	}
	wrong(t, exitFailed, "1 of 1 gates missed", "eval", "merge", "parts", "--gate", "other.pysod.maxF=0.9999")
	wrong(t, exitFailed, "holds no shard", "eval", "merge", "whole")
	wrong(t, exitUsage, "OUT is missing", "eval", "merge")
	wrong(t, exitUsage, "--shard needs --out", append(whole, "--shard", "0/2")...)
	wrong(t, exitUsage, "csnet eval merge", append(whole, "--shard", "0/2", "--out", "x", "--gate", "other.pysod.maxF=0")...)
	wrong(t, exitUsage, "must be 0 to 1", append(whole, "--shard", "2/2", "--out", "x")...)
	must(t, append(whole, "--shard", "0/2", "--out", "parts")...)
	wrong(t, exitFailed, "holds two runs", "eval", "merge", "parts")
	if err := os.Rename("other", "moved"); err != nil {
		t.Fatal(err)
	}
	os.Remove("parts/shard-0-of-2.json")
	wrong(t, exitFailed, "other", "eval", "merge", "parts")
}

// The parts of a predict write the maps of the whole, each map once.
func TestPredictShards(t *testing.T) {
	trained(t)
	must(t, "predict", "-c", bestNet, "other", "--out", "whole")
	for _, i := range []string{"0/3", "1/3", "2/3", "20/30"} {
		must(t, "predict", "-c", bestNet, "other", "--out", "parts", "--shard", i)
		if files, err := os.ReadDir("parts"); i == "0/3" && (err != nil || len(files) == 0) {
			t.Errorf("%v: %v", files, err)
		}
	}
	files, err := os.ReadDir("whole")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.IsDir() {
			inner, _ := os.ReadDir("whole/" + f.Name())
			for _, g := range inner {
				equal(t, "whole/"+f.Name()+"/"+g.Name(), "parts/"+f.Name()+"/"+g.Name())
			}
			continue
		}
		equal(t, "whole/"+f.Name(), "parts/"+f.Name())
	}
	wrong(t, exitUsage, "--shard splits a list", "predict", "-c", bestNet, "--watch", "other", "--shard", "0/2")
	wrong(t, exitUsage, "must be I/N", "predict", "-c", bestNet, "other", "--shard", "half")
}
