package main

import (
	"strings"
	"testing"
)

// The figures of the paper's net, by its name from any folder; the model in the
// program without any flag; the table at any width.
func TestSummaryCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	o := object(t, "summary", "--config", "csnet-x1", "--json")
	if at(o, "params") != 210985.0 {
		t.Errorf("x1 has %v parameters", at(o, "params"))
	}
	has(t, o, "macs", "authors_flops", "layers")
	layer := o["layers"].([]any)[0].(map[string]any)
	has(t, layer, "name", "op", "in", "out", "kernel", "stride", "params", "macs")
	if o := object(t, "summary", "--config", "csnet-x1", "--set", "net.extractor_only=true", "--json"); at(o, "params") != 179420.0 || at(o, "params_with_head") != 179501.0 {
		t.Errorf("extractor: %v, with head %v", at(o, "params"), at(o, "params_with_head"))
	}
	if n := at(object(t, "summary", "--json"), "params").(float64); n > 100_000 {
		t.Errorf("the model in the program has %v parameters", n)
	}
	for _, width := range []int{60, 80, 140} {
		out := &screen{width: width}
		if code := run(t.Context(), []string{"summary", "--config", "csnet-x2"}, streams{out, &strings.Builder{}}); code != 0 || len(out.lines) < 40 {
			t.Fatal(code, len(out.lines))
		}
		for _, l := range out.lines {
			if strings.HasPrefix(l, "stage") && len(l) > width {
				t.Errorf("width %d: %s", width, l)
			}
		}
	}
	list := object(t, "summary", "nets", "--json")["nets"].([]any)
	found := map[any]any{}
	for _, n := range list {
		found[at(n.(map[string]any), "name")] = at(n.(map[string]any), "params")
	}
	for name, params := range map[string]float64{"CSNet x1, 1/1": 210985, "CSNet x2": 788631, "CSNet x1, OctConv": 210985, "CSF + ResNet-50": 36367169, "CSF + Res2Net-50": 36528489} {
		if found[name] != params {
			t.Errorf("%s has %v parameters in the list, must have %v", name, found[name], params)
		}
	}
	if o := object(t, "summary", "csnet-x1", "csnet-x2", "--json"); len(o["nets"].([]any)) != 2 {
		t.Errorf("two configs give %v", o)
	}
	wrong(t, exitUsage, "leaves --config", "summary", "nets", "--config", "csnet-x1")
	wrong(t, exitUsage, "none of the configs", "summary", "netz")
	wrong(t, exitUsage, "give one of", "summary", "--config", "csnet-x1", "-c", "x")
	wrong(t, exitUsage, "changes a config", "summary", "--set", "net.width=2")
	wrong(t, exitFailed, "gone", "summary", "-c", "gone.safetensors")
	wrong(t, exitUsage, "none of the configs", "summary", "--config", "gone")
}
