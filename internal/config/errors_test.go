package config

import (
	"strings"
	"testing"
)

// Every kind of mistake with the whole message it gives.
func TestMessages(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"net:\n  widht: 2\n", `a.yaml:2:3: net.widht: unknown key; did you mean "width"? allowed: width, split, blocks, multipliers, head, dilations, norm, groups, eps, extractor_only, dialect, balance, kind, backbone`},
		{"nett: {}\n", `a.yaml:1:1: nett: unknown key; did you mean "net"? allowed: extends, net, data, optim, dwd, train, prune, eval, out, threads`},
		{"width: 2\n", `a.yaml:1:1: width: unknown key; did you mean "net.width"? allowed: extends,`},
		{"net: {lr: 2}\n", `a.yaml:1:7: net.lr: unknown key; did you mean "optim.lr"? allowed: width,`},
		{"optim:\n  schedule:\n    milestone: [1]\n", `a.yaml:3:5: optim.schedule.milestone: unknown key; did you mean "milestones"?`},
		{"net: {xyzzyxyzzy: 1}\n", `a.yaml:1:7: net.xyzzyxyzzy: unknown key; allowed: width,`},
		{"net:\n  extends: a\n", `a.yaml:2:3: net.extends: unknown key;`},
		{"1: 2\n", `a.yaml:1:1: 1: unknown key;`},
		{"net:\n  width: two\n", `a.yaml:2:10: net.width: is the text "two", must be a finite number`},
		{"net: {width: \"2\"}\n", `a.yaml:1:14: net.width: is the text "2", must be a finite number`},
		{"net: {width: .nan}\n", `a.yaml:1:14: net.width: is .nan, must be a finite number`},
		{"net: {width: -.inf}\n", `a.yaml:1:14: net.width: is -.inf, must be a finite number`},
		{"net: {width: nan}\n", `net.width: is the text "nan", must be a finite number`},
		{"net: {width: 1e999}\n", `net.width: is 1e999, must be a finite number (this one is too large)`},
		{"net: {width: }\n", `net.width: is empty, must be a finite number`},
		{"net: {width: [1]}\n", `net.width: is a list of 1, must be a finite number`},
		{"train: {batch: 2.5}\n", `train.batch: is 2.5, must be a whole number`},
		{"train: {batch: true}\n", `train.batch: is true, must be a whole number`},
		{"train: {seed: -1}\n", `train.seed: is -1, must be a whole number of 0 or more`},
		{"train: {seed: 99999999999999999999}\n", `must be a whole number of 0 or more (this one is too large)`},
		{"net: {extractor_only: yes}\n", `net.extractor_only: is the text "yes", must be true or false`},
		{"data: {dir: 12}\n", `a.yaml:1:13: data.dir: is 12, must be text (put it in quotes)`},
		{"net: 3\n", `a.yaml:1:6: net: is 3, must be a section with the keys width, split,`},
		{"[1]\n", `a.yaml:1:1: is a list of 1, must be a section with the keys extends, net,`},
		{"net:\n  split: 1\n", `a.yaml:2:10: net.split: is 1, must be a list such as [1, 2]`},
		{"net:\n  blocks: [3, four]\n", `a.yaml:2:15: net.blocks[1]: is the text "four", must be a whole number`},
		{"net: {split: [[1]]}\n", `net.split[0]: is a list of 1, must be a finite number`},
		{"optim: {betas: [0.9]}\n", `a.yaml:1:16: optim.betas: is a list of 1, must be a list of 2`},
		{"net:\n  width: 1\nnet:\n  width: 2\n", `a.yaml:3:1: net: is given twice, first at a.yaml:1:1`},
		{"net: {width: 1, width: 1}\n", `a.yaml:1:17: net.width: is given twice, first at a.yaml:1:7`},
		{"extends: b.yaml\n", `a.yaml:1:10: extends: only a file can extend another`},
		// the text as a whole
		{"a: [1, 2\nb: 3\n", `a.yaml:2:1: not valid YAML: `},
		{"net:\n\twidth: 1\n", `a.yaml:2:1: not valid YAML: a tab cannot stand here, indent with blanks`},
		{"\tnet: {}\n", `a.yaml:1:1: not valid YAML: a tab cannot stand here, indent with blanks`},
		{"net:\n  width: 1\n   eps: 1\n", `a.yaml:2:10: not valid YAML: mapping value is not allowed in this context: are the keys indented alike`},
		{"net: &x {width: 1}\n", `a.yaml:1:6: anchors and aliases are not read here`},
		{"net: *x\n", `a.yaml:1:6: anchors and aliases are not read here`},
		{"<<: {net: {}}\n", `a.yaml:1:1: anchors and aliases are not read here`},
		{"train: {batch: !!int 3}\n", `a.yaml:1:16: tags are not read here`},
		{"? net\n: 2\n", `a.yaml:1:1: complex keys are not read here`},
		{"net: {}\n---\ndata: {}\n", `a.yaml:3:1: a second document begins here`},
		{"net: \x00\n", `a.yaml:1:6: control character 0x00`},
		{"out: ä\xff\n", `a.yaml:1:7: byte 0xff is not UTF-8`},
		{"\xff\xfen\x00", `a.yaml:1:1: is UTF-16, must be UTF-8`},
		{strings.Repeat("[", 5000), `nested too deep`},
		{strings.Repeat("- ", 5000), `the line is longer`},
		{strings.Repeat("- ", 2000), `nested too deep`},
		{strings.Repeat("#\n", 40000), `a.yaml: is larger than 65536 bytes`},
	} {
		expect(t, c.text, nil, c.want)
	}
}

// expect loads text and compares the beginning of the message, or, where want
// names no place, a part of it.
func expect(t *testing.T, text string, sets []string, want string) {
	t.Helper()
	_, err := LoadBytes("a.yaml", []byte(text), sets)
	if len(text) > 60 {
		text = text[:60]
	}
	switch {
	case err == nil:
		t.Errorf("%q %v: no error, want %s", text, sets, want)
	case strings.HasPrefix(want, "a.yaml:") && !strings.HasPrefix(err.Error(), want), !strings.Contains(err.Error(), want):
		t.Errorf("%q %v:\n got %v\nwant %s", text, sets, err, want)
	}
}

func TestSetMessages(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"net.widht=2", `--set net.widht=2: unknown key; did you mean "net.width"? allowed: net.width, net.split,`},
		{"lr=2", `--set lr=2: unknown key; did you mean "optim.lr"? allowed: net, data,`},
		{"=2", `--set =2: must be key=value, e.g. net.width=2`},
		{"net.width", `--set net.width: must be key=value`},
		{"net.width=", `--set net.width=: is empty, must have a value`},
		{"net..width=1", `--set net..width=1: unknown key;`},
		{"net.split.0=1", `--set net.split.0=1: unknown key; net.split is a value without keys of its own`},
		{"net.split=1", `--set net.split=1: is 1, must be a list such as [1, 2]`},
		{"net.split=[1,x]", `--set net.split=[1,x]: net.split[1]: is the text "x", must be a finite number`},
		{"net.split=[1", `--set net.split=[1: not valid YAML: `},
		{"net=3", `--set net=3: is 3, must be a section with the keys width,`},
		{"", `--set "": must be key=value`},
		{"net={widht: 3}", `--set net={widht: 3}: net.widht: unknown key; did you mean "width"?`},
		{"extends=a.yaml", `--set extends=a.yaml: only a file can extend another`},
		{"train.batch=0", `--set train.batch=0: is 0, must be 1 to 65536`},
		{"eval.protocol=salmetrik", `--set eval.protocol=salmetrik: is "salmetrik", must be one of salmetric, pysod, both; did you mean "salmetric"?`},
		{"dwd.lambda=.inf", `--set dwd.lambda=.inf: is .inf, must be a finite number`},
		{"net.width=*x", `--set net.width=*x: anchors and aliases are not read here`},
	} {
		expect(t, "", []string{c.set}, c.want)
	}
}

func TestImpossibleValues(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"net: {width: 0}", `a.yaml:1:14: net.width: is 0, must be a factor with round(20 width) of 1 to 4096`},
		{"net: {width: -1}", `net.width: is -1, must be`},
		{"net: {split: [1, -1]}", `a.yaml:1:18: net.split[1]: is -1, must be shares of 0`},
		{"net: {split: [0, 0]}", `net.split: is [0 0], must be shares of 0 to 1e9, one of them above 0`},
		{"net: {split: []}", `net.split: is a list of 0, must be a list of 1 to 12`},
		{"net: {blocks: [3, 0, 6, 4]}", `a.yaml:1:19: net.blocks[1]: is 0, must be 1 to 1000 blocks per stage`},
		{"net: {blocks: [3, 4]}", `a.yaml:1:15: net.multipliers: has 5 entries, must have one for the stem and one for each of the 2 stages (by default)`},
		{"net: {multipliers: [1, 1, 2, 4, 0.01]}", `a.yaml:1:33: net.multipliers[4]: is 0.01, gives 0 channels`},
		{"net: {head: [1, 2]}", `a.yaml:1:13: net.head: has 2 widths, must have 3`},
		{"net: {head: [0, 0, 0]}", `a.yaml:1:13: net.head: head: fuse: all octaves are absent`},
		{"net: {dilations: []}", `a.yaml:1:18: net.dilations: is empty, the head needs at least one`},
		{"net: {dilations: [1, 0]}", `a.yaml:1:22: net.dilations[1]: is 0, must be 1 to 1024`},
		{"net: {norm: bacth}", `a.yaml:1:13: net.norm: is "bacth", must be one of batch, group; did you mean "batch"?`},
		{"net: {eps: 0}", `net.eps: is 0, must be above 0, at most 1`},
		{"net: {blocks: [3], multipliers: [1, 1]}", `a.yaml:1:15: net.blocks: has 1 stages, the head needs at least 2`},
		{"net: {blocks: [3], multipliers: [1, 1], split: [0, 1], extractor_only: true}", `a.yaml:1:48: net.split: the last block's octave 0 is absent`},
		{"data: {size: 100}", `a.yaml:1:14: data.size: is 100, must be a multiple of 16 for this net; the nearest are 96 and 112`},
		{"data: {size: 8}", `data.size: is 8, must be a multiple of 16 for this net; the nearest are 16 and 32`},
		{"data: {size: 0}", `data.size: is 0, must be 1 to 16384 and a multiple of what the net needs (16 for csnet-x1)`},
		{"data: {size: [96, 100], size_milestones: [1]}", `a.yaml:1:19: data.size[1]: is 100, must be a multiple of 16 for this net; the nearest are 96 and 112`},
		{"data: {size: [96, 0], size_milestones: [1]}", `data.size[1]: is 0, must be 1 to 16384`},
		{"data: {size: []}", `data.size: is a list of 0, must be a list of 1 to 12`},
		{"data: {size: big}", `a.yaml:1:14: data.size: is the text "big", must be a whole number, or a list of them`},
		{"data: {size: [96, 224]}", `data.size_milestones: is a list of 0, must be one fewer than the sizes of data.size, here 1`},
		{"data: {size: 96, size_milestones: [1]}", `data.size_milestones: is a list of 1, must be one fewer than the sizes of data.size, here 0`},
		{"data: {size: [96, 160, 224], size_milestones: [5, 5]}", `data.size_milestones[1]: is 5, must be epochs of 1 or more, ascending`},
		{"data: {size: [96, 224], size_milestones: [0]}", `data.size_milestones[0]: is 0, must be epochs of 1 or more, ascending`},
		{"data: {size: [96, 224], size_milestones: [5]}\ntrain: {epochs: 5}", `data.size_milestones: is 5, must be below train.epochs, or the last size would never be trained at`},
		{"eval: {size: 225}", `a.yaml:1:14: eval.size: is 225, must be a multiple of 16 for this net; the nearest are 224 and 240`},
		{"net: {split: [1, 1, 1, 1, 1]}", `a.yaml:1:14: data.size: is 224, must be a multiple of 128 for this net; the nearest are 128 and 256 (by default)`},
		{"data: {val_share: 1}", `data.val_share: is 1, must be 0 to below 1`},
		{"data: {workers: -1}", `data.workers: is -1, must be 0 to 1024`},
		{"data: {augment: {flip: 1.5}}", `data.augment.flip: is 1.5, must be 0 to 1`},
		{"data: {augment: {scale: 0}}", `data.augment.scale: is 0, must be above 0, at most 1`},
		{"data: {augment: {rotate: 200}}", `data.augment.rotate: is 200, must be 0 to 180`},
		{"data: {augment: {reduce: 2}}", `data.augment.reduce: is 2, must be 0 to 1`},
		{"data: {augment: {crop: -1}}", `data.augment.crop: is -1, must be 0 to`},
		{"optim: {lr: 0}", `optim.lr: is 0, must be above 0`},
		{"optim: {betas: [0.9, 1]}", `a.yaml:1:22: optim.betas[1]: is 1, must be 0 to below 1`},
		{"optim: {eps: 0}", `optim.eps: is 0, must be above 0`},
		{"optim: {l2: -1e-3}", `optim.l2: is -0.001, must be 0 or more`},
		{"optim: {schedule: {kind: cosin}}", `optim.schedule.kind: is "cosin", must be one of step, cosine, constant; did you mean "cosine"?`},
		{"optim: {schedule: {milestones: [5, 5]}}", `a.yaml:1:36: optim.schedule.milestones[1]: is 5, must be epochs of 0 or more, ascending`},
		{"optim: {schedule: {factor: 0}}", `optim.schedule.factor: is 0, must be above 0`},
		{"optim: {schedule: {final: 2}}", `optim.schedule.final: is 2, must be 0 to 1`},
		{"dwd: {mode: off}", `dwd.mode: is "off", must be one of dwd, l2, l1, none`},
		{"dwd: {lambda: -3}", `dwd.lambda: is -3, must be 0 or more`},
		{"dwd: {factor: 0}", `dwd.factor: is 0, must be above 0`},
		{"dwd: {norms: [mix, dw3]}", `a.yaml:1:20: dwd.norms[1]: is "dw3", must be of mix, dw1, dw2, each once`},
		{"dwd: {norms: [mix, mix]}", `dwd.norms[1]: is "mix"`},
		{"train: {batch: 0}", `train.batch: is 0, must be 1 to 65536`},
		{"train: {epochs: 0}", `train.epochs: is 0, must be 1 to`},
		{"train: {steps: -1}", `train.steps: is -1, must be 0 to`},
		{"dwd: {schedule: {begin: 3, full: 2}}", `dwd.schedule.full: is 2, must be 0 or an epoch of dwd.schedule.begin or later`},
		{"dwd: {schedule: {full: 4, end: 3}}", `dwd.schedule.end: is 3, must be 0 or an epoch later than`},
		{"dwd: {schedule: {begin: 2, full: 2, end: 2}}", `dwd.schedule.end: is 2, must be 0 or an epoch later than`},
		{"optim: {clip: -1}", `optim.clip: is -1, must be 0 to`},
		{"train: {distill: 2}", `train.distill: is 2, must be 0 to 1`},
		{"train: {teacher: abc}", `train.teacher: is "abc", must be empty where train.distill is 0`},
		{"train: {ema: 1}", `train.ema: is 1, must be 0 to below 1`},
		{"train: {loss: {bce: 0}}", `train.loss.iou: is 0, must be above 0 where train.loss.bce and train.loss.ssim are 0`},
		{"train: {loss: {bce: 0, iou: 1, edge: 5}}", `a.yaml:1:38: train.loss.edge: is 5, must be 0 where train.loss.bce is 0`},
		{"train: {loss: {iou: -1}}", `train.loss.iou: is -1, must be 0 to`},
		{"net: {norm: group}", `net.groups: is 0, must be 1 to 65536 where net.norm is group`},
		{"net: {groups: 2}", `a.yaml:1:15: net.groups: is 2, must be 0 where net.norm is batch`},
		{"net: {dialect: octav}", `net.dialect: is "octav", must be one of csnet, resize, octave; did you mean "octave"?`},
		{"net: {balance: true}", `net.balance: is true, must be false where net.dialect is not resize`},
		{"net: {backbone: resnet50}", `net.backbone: is "resnet50", must be empty where net.kind is csnet`},
		{"net: {kind: csf, backbone: vgg}", `net.backbone: is "vgg", must be resnet50 or res2net50 where net.kind is csf`},
		{"net: {kind: csf, backbone: resnet50}", `net.dialect: dialect is "csnet", the head on a backbone needs "resize"`},
		{"net: {dialect: resize, norm: group, groups: 4}", `net.groups: stage0.0.mix: octave 0 has 10 channels, must be a multiple of the 4 groups of its norm`},
		{"prune: {threshold: -1}", `prune.threshold: is -1, must be 0 or more`},
		{"eval: {protocol: sod}", `eval.protocol: is "sod", must be one of salmetric, pysod, both`},
		{"threads: -1", `a.yaml:1:10: threads: is -1, must be 0 to 1024`},
	} {
		expect(t, c.text, nil, c.want)
	}
}

// A key that earlier versions wrote is read as long as it asks for what is done
// today, so that their checkpoints stay readable.
func TestRetiredKeys(t *testing.T) {
	if _, err := LoadBytes("a.yaml", []byte("dwd:\n  decoupled: false\n"), nil); err != nil {
		t.Error(err)
	}
	expect(t, "dwd:\n  decoupled: true\n", nil, "a.yaml:2:14: dwd.decoupled: is true; this is supported no longer, leave the key out")
	expect(t, "dwd: {decoupled: [1]}", nil, "dwd.decoupled: is [1]; this is")
	expect(t, "dwd: {decoupled: false, decoupled: false}", nil, "dwd.decoupled: is given twice")
	expect(t, "", []string{"dwd.decoupled=false"}, "--set dwd.decoupled=false: unknown key")
	expect(t, "train: {decoupled: false}", nil, "train.decoupled: unknown key")
}

// All problems of all sources come in one error, in order.
func TestAllProblems(t *testing.T) {
	_, err := LoadBytes("a.yaml", []byte("net: {widht: 1, eps: x}\ntrain: {batch: 0}\n"), []string{"dwd.mod=l1", "dwd.lambda=-1"})
	e, ok := err.(*Error)
	if !ok {
		t.Fatalf("%T %v", err, err)
	}
	var got []string
	for _, p := range e.Problems {
		got = append(got, p.Place.String()+" "+p.Key)
	}
	want := "a.yaml:1:7 net.widht|a.yaml:1:22 net.eps|--set dwd.mod=l1 dwd.mod|--set dwd.lambda=-1 dwd.lambda|a.yaml:2:16 train.batch"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if n := strings.Count(err.Error(), "\n"); n != 4 {
		t.Errorf("%d line ends in %v", n, err)
	}
}
