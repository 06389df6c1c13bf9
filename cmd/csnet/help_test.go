package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// commands lists all commands below c, c included.
func commands(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		all = append(all, commands(sub)...)
	}
	return all
}

// Every command has a help that fits 80 columns and that is none of cobra's words,
// and examples that are right as they stand: known flags, values of their type and
// as many arguments as it takes.
func TestHelp(t *testing.T) {
	for _, c := range commands(newRootCommand(streams{})) {
		words := strings.Fields(c.CommandPath())[1:]
		code, out, errs := cli(append(words, "--help")...)
		if code != 0 || errs != "" {
			t.Errorf("%v: exit %d: %s", words, code, errs)
		}
		for line := range strings.Lines(out) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > helpWidth {
				t.Errorf("%v: %d columns: %s", words, n, line)
			}
		}
		if cobras := regexp.MustCompile(`stringArray|\bstring\b *\n|\[command\]|\[flags\]| ints?  |Available Commands|autocompletion|disable completion`).FindString(out); cobras != "" {
			t.Errorf("%v: holds %q", words, cobras)
		}
		if c.HasSubCommands() && !strings.Contains(c.Use, " ") {
			continue // it does nothing itself
		}
		if c.Example == "" {
			t.Errorf("%v: no examples", words)
		}
		for line := range strings.SplitSeq(c.Example, "\n") {
			example(t, line)
		}
	}
}

// example checks one line of examples.
func example(t *testing.T, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, " #")
	line, _, _ = strings.Cut(line, " | ")
	words := strings.Fields(line)
	for i, w := range words {
		if w == ">" {
			words = words[:i]
			break
		}
	}
	if len(words) == 0 || words[0] != "csnet" {
		return
	}
	c, rest, err := newRootCommand(streams{}).Find(words[1:])
	if err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	if err := c.ParseFlags(rest); err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	if c.Args != nil {
		if err := c.Args(c, c.Flags().Args()); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// What is misspelt or missing is named, with what was meant; exit code 2.
func TestWrongWords(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("it's me.jpg", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args, want string
	}{
		{"trian", `"trian" is no command of csnet; did you mean train?`},
		{"xyzzy", `"xyzzy" is no command of csnet, must be one of ablate, bench, check, completion, config, data,`},
		{"it's me.jpg", `for the map of a photo: csnet predict 'it'\''s me.jpg'`},
		{"data chekc", `"chekc" is no command of csnet data; did you mean check?`},
		{"config shwo", `"shwo" is no command of csnet config; did you mean show?`},
		{"train --confg x", "--confg is no flag of csnet train; did you mean --config?"},
		{"train --zzzzz", "--zzzzz is no flag of csnet train\n"},
		{"train -q", "-q is no flag of csnet train\n"},
		{"train --config", "--config is without a value, must be --config FILE"},
		{"train --threads x", `--threads is "x", must be a whole number`},
		{"train --seed -1", `--seed is "-1", must be a whole number, at least 0`},
		{"prune --ratio half", `--ratio is "half", must be a number`},
		{"quickstart --budget 90", `--budget is "90", must be a time such as 90s or 2m`},
		{"train --resume=x", `--resume is "x", must be true or false`},
		{"bench --mode infre", `--mode is "infre", must be infer or train; did you mean infer?`},
		{"eval --protocol best", `--protocol is "best", must be salmetric, pysod or both`},
		{"data check set --exif tunr", `--exif is "tunr", must be auto, turn or ignore; did you mean turn?`},
		{"export --format onxx", `--format is "onxx", must be pytorch or onnx; did you mean onnx?`},
		{"predict a.png --as map,mapp", `"mapp" is no form; there are map, mask, cutout, overlay, crop; did you mean map?`},
		{"predict a.png --as cutout --format wepb", "did you mean webp?"},
		{"eval --data set --maps maps --map-channel gren", `--map-channel is "gren", must be luma, alpha, red, green or blue; did you mean green?`},
		{"data check set --mask lumma", "must be auto, luma, alpha, index or color=#rrggbb; did you mean luma?"},
		{"help trian", `"trian" is no command of csnet; did you mean train?`},
		{"help data chek", `"chek" is no command of csnet data; did you mean check?`},
		{"completion bsh", `"bsh" is no command of csnet completion; did you mean bash?`},
		{"train x.yaml", `csnet train takes flags alone, got "x.yaml"`},
		{"data check", "DIR is missing: csnet data check DIR"},
		{"data check a b", "csnet data check takes one DIR, got 2: a b"},
		{"config show csnet-x9", "did you mean csnet-x1?"},
		{"config show", "NAME is missing: csnet config show NAME"},
	} {
		args := strings.Fields(c.args)
		if strings.HasSuffix(c.args, ".jpg") {
			args = []string{c.args}
		}
		code, out, errs := cli(args...)
		if code != exitUsage || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit %d: %s%s, must hold %q", c.args, code, out, errs, c.want)
		}
		if !strings.Contains(errs, "--help has flags and examples") {
			t.Errorf("%s: help is not pointed at: %s", c.args, errs)
		}
	}
}

// The shell completes commands, flags, and the values of flags by their kind.
func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"tr"}, []string{"train"}},
		{[]string{"eval", "--proto"}, []string{"--protocol"}},
		{[]string{"eval", "--protocol", ""}, []string{"salmetric", "pysod", "both", ":4"}},
		{[]string{"eval", "--exif", ""}, []string{"auto", "turn", "ignore", ":4"}},
		{[]string{"train", "--mask", ""}, []string{"luma", "color=#", ":6"}},
		{[]string{"bench", "--mode", ""}, []string{"infer", "train", ":4"}},
		{[]string{"export", "--format", ""}, []string{"pytorch", "onnx", ":4"}},
		{[]string{"train", "--config", "csnet-x"}, []string{"csnet-x1", "csnet-x2", ":4"}},
		{[]string{"train", "--config", "./"}, []string{"yaml", ":8"}},
		{[]string{"train", "--set", "dwd.la"}, []string{"dwd.lambda=", ":6"}},
		{[]string{"predict", "-c", ""}, []string{"safetensors", ":8"}},
		{[]string{"predict", "-c", "emb"}, []string{"embedded", ":4"}},
		{[]string{"train", "--from", "emb"}, []string{"embedded", ":4"}},
		{[]string{"predict", "--as", ""}, []string{"map", "cutout", "crop", ":6"}},
		{[]string{"predict", "--as", "map,cu"}, []string{"map,cutout", ":6"}},
		{[]string{"predict", "--format", ""}, []string{"png", "webp", "jpg", ":4"}},
		{[]string{"eval", "--map-channel", ""}, []string{"luma", "alpha", "red", ":4"}},
		{[]string{"config", "init", "--from", "csnet-t"}, []string{"csnet-tiny", ":4"}},
		{[]string{"eval", "--data", ""}, []string{":16"}},
		{[]string{"config", "show", "csnet-t"}, []string{"csnet-tiny", "csnet-tiny-finetune"}},
	} {
		code, out, _ := cli(append([]string{"__complete"}, c.args...)...)
		var got []string
		for line := range strings.Lines(out) {
			word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			got = append(got, word)
		}
		for _, w := range c.want {
			if code != 0 || !strings.Contains("\n"+strings.Join(got, "\n")+"\n", "\n"+w+"\n") {
				t.Errorf("%q: exit %d, %q lacks %q", c.args, code, got, w)
			}
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if code, out, errs := cli("completion", shell); code != 0 || !strings.Contains(out, "csnet") {
			t.Errorf("%s: exit %d: %s", shell, code, errs)
		}
	}
}

// The version is that of the change log; all three ways to ask give one answer.
func TestVersion(t *testing.T) {
	log, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	newest := regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+)`).FindSubmatch(log)
	if newest == nil || string(newest[1]) != release {
		t.Errorf("release is %s, the newest in CHANGELOG.md %q", release, newest)
	}
	_, want, _ := cli("version")
	if !strings.HasPrefix(want, "csnet "+release+"\n") || !strings.Contains(want, "go1.") || !strings.Contains(want, "kernels") {
		t.Errorf("%s", want)
	}
	for _, flag := range []string{"--version", "-v"} {
		if code, out, errs := cli(flag); code != 0 || out != want || errs != "" {
			t.Errorf("%s: exit %d: %s%s", flag, code, out, errs)
		}
	}
	var p program
	_, out, _ := cli("version", "--json")
	if err := json.Unmarshal([]byte(out), &p); err != nil || p != thisProgram() {
		t.Errorf("%v: %s", err, out)
	}
}

func TestShellWord(t *testing.T) {
	for w, want := range map[string]string{
		"runs/x.safetensors": "runs/x.safetensors", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$HOME": "'$HOME'", "é.jpg": "é.jpg", "net.width=[1,2]": "'net.width=[1,2]'",
	} {
		if got := shellWord(w); got != want {
			t.Errorf("%q: %s, want %s", w, got, want)
		}
	}
}
