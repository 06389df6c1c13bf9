package eval

import (
	"path/filepath"
	"strings"
	"testing"

	"csnet/metrics"
)

func TestParseGates(t *testing.T) {
	sets := []string{"ECSSD", "my.set", "my"}
	for _, c := range []struct {
		arg  string
		run  metrics.Protocol
		want Gate
	}{
		{"ECSSD.maxF=0.90", metrics.SalMetric, Gate{"", "ECSSD", metrics.SalMetric, "maxF", 0.9}},
		{"ECSSD.MAE=.07", metrics.PySOD, Gate{"", "ECSSD", metrics.PySOD, "MAE", 0.07}},
		{"ECSSD.pysod.MAE=1e-1", metrics.Both, Gate{"", "ECSSD", metrics.PySOD, "MAE", 0.1}},
		{"my.set.salmetric.maxF=1", metrics.Both, Gate{"", "my.set", metrics.SalMetric, "maxF", 1}},
		{"my.Sm=0.5", metrics.Both, Gate{"", "my", metrics.PySOD, "Sm", 0.5}},
	} {
		g, err := ParseGates([]string{c.arg}, sets, c.run)
		c.want.Text = c.arg
		if err != nil || g[0] != c.want {
			t.Errorf("%s: %+v, %v", c.arg, g, err)
		}
	}
	for arg, want := range map[string]string{
		"ECSSD.maxF":               "SET.MEASURE=VALUE",
		"ECSSD.maxF=x":             "not a number",
		"ECSSD.maxF=NaN":           "not a number",
		"DUTS.maxF=0.9":            "ECSSD, my.set, my",
		"ECSSD.Sm=0.9":             "maxF MAE",
		"ECSSD.pysod.Sm=0.9":       "not scored in this run",
		"ECSSD.salmetric.Sm=0.9":   "maxF MAE",
		"ECSSD=0.9":                "no such set",
		"ECSSD.salmetric.maxF.x=1": "no measure",
	} {
		if _, err := ParseGates([]string{arg}, sets, metrics.SalMetric); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", arg, err, want)
		}
	}
	if _, err := ParseGates([]string{"ECSSD.maxF=1"}, sets, metrics.Both); err == nil || !strings.Contains(err.Error(), "ECSSD.pysod.maxF") {
		t.Errorf("both: %v", err)
	}
}

func TestMissedGates(t *testing.T) {
	dir := t.TempDir()
	drawSet(t, dir, 3)
	r := run(t, Options{Methods: Baselines(), Sets: []Set{{"S", dir}}, Protocol: metrics.SalMetric})
	for arg, missed := range map[string]int{
		"S.maxF=0.01": 0, "S.maxF=0.999": 2, "S.MAE=0.99": 0, "S.MAE=0.5": 1, "S.MAE=0.001": 2,
	} {
		gates, err := ParseGates([]string{arg}, []string{"S"}, metrics.SalMetric)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Missed(gates); len(got) != missed {
			t.Errorf("%s: %q, want %d missed", arg, got, missed)
		}
	}
}

func TestNames(t *testing.T) {
	for arg, want := range map[string][2]string{
		"ECSSD=../d/x": {"ECSSD", "../d/x"}, "../d/x": {"", "../d/x"}, "./a=b": {"", "./a=b"}, "a=b=c": {"a", "b=c"}, "=x": {"", "=x"},
	} {
		if n, p := SplitNamed(arg); n != want[0] || p != want[1] {
			t.Errorf("%s: %q %q", arg, n, p)
		}
	}
	for file, want := range map[string]string{
		"runs/x1/checkpoints/best.safetensors": "x1", "a/b.safetensors": "b", "csnet-L-x1.pth.tar": "csnet-L-x1", "m.x": "m",
	} {
		if got := CheckpointName(filepath.FromSlash(file)); got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
	if s := NamedSet("dir/ECSSD-200/"); s.Name != "ECSSD-200" || s.Dir != "dir/ECSSD-200/" {
		t.Errorf("%+v", s)
	}
}
