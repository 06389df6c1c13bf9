package ablate

import (
	"strings"
	"testing"
)

// small is an entry with two seeds and one that failed.
func small() Report {
	net := func(stage string, params int, maxF float64) Net {
		return Net{Stage: stage, Params: params, MACs: 2e6, Scores: []Score{{Set: "ECSSD", Images: 3, MaxF: maxF, MAE: .1}}}
	}
	return Report{Title: "a | b", Results: []Result{
		{Entry: "DWD", Seed: 1, Commit: "abc", Data: "d1", Seconds: 60, Nets: []Net{net(Trained, 2000, .8), net(Pruned, 900, .7)}, Done: true},
		{Entry: "none", Seed: 1, Commit: "abc", Data: "d1", Problem: "no net"},
		{Entry: "DWD", Seed: 2, Commit: "abc", Data: "d1", Seconds: 30, Nets: []Net{net(Trained, 2000, .9), net(Pruned, 900, .7)}, Done: true},
		{Entry: "none", Seed: 2, Commit: "abc", Data: "d1"},
	}}
}

// Seeds become one row each stage, with mean and standard deviation: of .8 and .9
// they are .85 and .1/sqrt(2).
func TestTableJoinsSeeds(t *testing.T) {
	got := small().Table()
	want := [][]string{
		{"entry", "net", "seeds", "parameters", "MMACs", "ECSSD maxF", "ECSSD MAE"},
		{"DWD", "trained", "1 2", "2,000", "2.0", "0.8500±0.0707", "0.1000"},
		{"DWD", "pruned", "1 2", "900", "2.0", "0.7000", "0.1000"},
		{"none", "failed", "1", "", "", "", ""},
	}
	for i, row := range append([][]string{got.Header}, got.Rows...) {
		if i >= len(want) || strings.Join(row, ";") != strings.Join(want[i], ";") {
			t.Errorf("row %d is %q, want %q", i, row, want[min(i, len(want)-1)])
		}
	}
}

func TestNotes(t *testing.T) {
	text := strings.Join(small().Notes(), "\n")
	for _, want := range []string{"csnet abc", "digest d1", "none with seed 1: no net", "1.5 minutes in all", "1 of 4 runs are not done"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// All three files begin so that csnet knows them as its own, and hold every net.
func TestFilesOfAReport(t *testing.T) {
	r := small()
	if md := r.Markdown(); !strings.HasPrefix(md, Mark) || !strings.Contains(md, `a \| b`) || !strings.Contains(md, "0.8500±0.0707") {
		t.Errorf("%s", md)
	}
	if tex := r.LaTeX(); !strings.HasPrefix(tex, "% csnet ablate") || !strings.Contains(tex, "0.8500") {
		t.Errorf("%s", tex)
	}
	csv := string(r.CSV())
	if !IsCSV(csv) || strings.Count(csv, "\n") != 7 || !strings.Contains(csv, "DWD,2,trained,abc,d1,2000,2,0.9,0.1,") || !strings.Contains(csv, "no net") {
		t.Errorf("%s", csv)
	}
}

// One of share, params and ratio says how small a net becomes.
func TestPruneKeys(t *testing.T) {
	for _, c := range []struct{ key, want string }{
		{"{}", "0 of share, params and ratio"},
		{"{share: 0.5, ratio: 0.5}", "2 of share, params and ratio"},
		{"{share: 1}", "share is 1, must be above 0 and below 1"},
		{"{params: -3}", "params is -3, must be at least 1"},
		{"{ratio: 1.5}", "ratio is 1.5, must be above 0 and below 1"},
	} {
		for _, text := range []string{"prune: " + c.key + "\nentries: [{config: a}]\n", "entries: [{config: a, prune: " + c.key + "}]\n"} {
			if _, err := Parse("list.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", text, err, c.want)
			}
		}
	}
	l, err := Parse("list.yaml", []byte("prune: {share: 0.5}\nentries: [{config: a}, {config: b, whole: true}, {config: c, prune: {params: 9}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if l.Pruned(l.Entries[0]) != l.Prune || l.Pruned(l.Entries[1]) != nil || l.Pruned(l.Entries[2]).Params != 9 {
		t.Errorf("%+v", l)
	}
}
