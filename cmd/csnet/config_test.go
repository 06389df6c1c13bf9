package main

import (
	"os"
	"strings"
	"testing"
)

// The configs of the program are listed, shown as written and resolved, and begun
// from; a file of the user's is not replaced.
func TestConfigCommands(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errs := cli("config", "list")
	if code != 0 || !strings.Contains(out, "csnet-x1 ") || !strings.Contains(out, "ablation/split-1-0 ") || !strings.Contains(errs, "csnet config show") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	has(t, object(t, "config", "list", "--json"), "configs")
	want, err := os.ReadFile("../../../configs/csnet-tiny.yaml")
	if _, out, _ := cli("config", "show", "csnet-tiny"); !strings.HasPrefix(out, "# A net of half the width") || err == nil && out != string(want) {
		t.Errorf("as written: %s", out)
	}
	if _, out, _ := cli("config", "show", "csnet-tiny", "--resolved", "-s", "train.epochs=7"); !strings.Contains(out, "epochs: 7\n") || !strings.Contains(out, "width: 0.5\n") || strings.Contains(out, "extends") {
		t.Errorf("resolved: %s", out)
	}
	wrong(t, exitUsage, "--set goes with --resolved", "config", "show", "csnet-tiny", "--set", "train.epochs=7")

	code, out, _ = cli("config", "init", "--from", "csnet-tiny")
	if code != 0 || out != "csnet.yaml\n" {
		t.Errorf("exit %d: %s", code, out)
	}
	if a, b := object(t, "summary", "--config", "csnet.yaml", "--json"), object(t, "summary", "--config", "csnet-tiny", "--json"); at(a, "params") != at(b, "params") {
		t.Errorf("begun: %v parameters, want %v", at(a, "params"), at(b, "params"))
	}
	must(t, "config", "init", "--from", "csnet-tiny") // nothing was changed in it
	text, err := os.ReadFile("csnet.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "#   lr: "); ok && strings.TrimSpace(rest) != "0.002" {
			t.Errorf("the rate of csnet-tiny: %s", line)
		}
	}
	// Without its comment signs it is a config too, with the values that it shows.
	open := strings.ReplaceAll(strings.ReplaceAll(string(text[strings.Index(string(text), "extends"):]), "# ", ""), "#", "")
	open = strings.ReplaceAll(open, "  dir: \"\"\n", "")
	if err := os.WriteFile("csnet.yaml", []byte(open), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "config", "show", "csnet.yaml", "--resolved")
	wrong(t, exitUsage, "--overwrite", "config", "init", "--from", "csnet-tiny")
	must(t, "config", "init", "--from", "csnet-tiny", "--overwrite")
	wrong(t, exitUsage, "did you mean csnet-tiny", "config", "init", "--from", "csnet-tny", "--out", "y.yaml")
	absent(t, "y.yaml")
}
