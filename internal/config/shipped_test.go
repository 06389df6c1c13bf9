package config

import (
	"io/fs"
	"math"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// figures is FACTS.md section 2's table without the released nets: parameters to
// the unit, authors' FLOPs and MACs in G to the digits given.
func figures() map[string]struct {
	params      int
	flops, macs string
} {
	return map[string]struct {
		params      int
		flops, macs string
	}{
		"csnet-x1.yaml":               {210985, "0.6106", "0.4328"},
		"csnet-x2.yaml":               {788631, "1.872", "1.516"},
		"ablation/split-1-0.yaml":     {210985, ".9071", ".716"},
		"ablation/split-3-1.yaml":     {210985, ".7805", ".561"},
		"ablation/split-1-1.yaml":     {210985, ".6106", ".4328"},
		"ablation/split-1-3.yaml":     {210985, ".4672", ".331"},
		"ablation/split-0-1.yaml":     {210985, ".3500", ".255"},
		"ablation/extractor-1-0.yaml": {179420, ".7920", ".629"},
		"ablation/extractor-3-1.yaml": {179420, ".6654", ".474"},
		"ablation/extractor-1-1.yaml": {179420, ".4956", ".346"},
		"ablation/extractor-1-3.yaml": {179420, ".3521", ".244"},
		"ablation/extractor-0-1.yaml": {179420, ".2350", ".168"},
		"ablation/width-1.2.yaml":     {298633, ".816", ".602"},
		"ablation/width-1.5.yaml":     {455631, "1.167", ".899"},
		"ablation/width-1.8.yaml":     {645565, "1.576", "1.255"},
		"ablation/width-2.yaml":       {788631, "1.872", "1.516"},
	}
}

// Every file of configs loads, and every row of the table has one that gives
// its figures.
func TestShippedConfigs(t *testing.T) {
	const root = "../../configs"
	table := figures()
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if e != nil && e.Name() == "ablations" {
			return filepath.SkipDir // lists of configs
		}
		if err != nil || e.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		c, err := Load(path, nil)
		if err != nil {
			t.Error(err)
			return nil
		}
		spec, err := c.Spec()
		if err != nil {
			t.Error(err)
			return nil
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		want, ok := table[rel]
		if !ok {
			if strings.HasPrefix(rel, "ablation/") {
				t.Errorf("%s: no row of the table", rel)
			}
			return nil
		}
		delete(table, rel)
		got := spec.Cost(224, 224)
		if got.Params != want.params {
			t.Errorf("%s: %d parameters, want %d", rel, got.Params, want.params)
		}
		digits(t, rel+": FLOPs", got.FLOPs, want.flops)
		digits(t, rel+": MACs", got.MACs, want.macs)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for rel := range table {
		t.Errorf("%s is missing", rel)
	}
}

// digits compares n with a figure in G to the figure's own digits.
func digits(t *testing.T, what string, n int, figure string) {
	t.Helper()
	_, decimals, _ := strings.Cut(figure, ".")
	want, err := strconv.ParseFloat(figure, 64)
	if err != nil {
		t.Fatal(err)
	}
	scale := math.Pow10(len(decimals))
	if math.Round(float64(n)/1e9*scale) != math.Round(want*scale) {
		t.Errorf("%s: %d, want %s G", what, n, figure)
	}
}

// csnet-x1.yaml writes every key, and it is the default recipe.
func TestX1IsComplete(t *testing.T) {
	d := newDecoder()
	if err := d.file("../../configs/csnet-x1.yaml", nil); err != nil || len(d.problems) > 0 {
		t.Fatal(err, d.problems)
	}
	for _, l := range leaves(reflect.ValueOf(d.cfg), "") {
		if _, ok := d.at[l.key]; !ok {
			t.Errorf("%s is not written out", l.key)
		}
	}
	if got, want := string(d.cfg.YAML()), string(Default().YAML()); got != want {
		t.Errorf("differs from the defaults:\n%s\n%s", got, want)
	}
}

// Configs for use with --from say nothing of the net: they fine-tune any.
func TestFinetuneConfigsTakeAnyNet(t *testing.T) {
	for _, name := range []string{"finetune", "own-photos", "embedded-finetune", "embedded-longer", "paper-x2-finetune", "csnet-tiny-finetune"} {
		c, err := Load("../../configs/"+name+".yaml", nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.NetGiven {
			t.Errorf("%s.yaml has a net section of its own", name)
		}
		if c.DWD.Mode != "none" {
			t.Errorf("%s.yaml decays gammas", name)
		}
	}
}

// paper-x2.yaml is the paper's recipe to the letter.
func TestPaperX2(t *testing.T) {
	c, err := Load("../../configs/paper-x2.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Net.Width, want.Data.ValShare, want.NetGiven, want.Eval.Size = 2, 0, c.NetGiven, 224
	if got, want := string(c.YAML()), string(want.YAML()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
