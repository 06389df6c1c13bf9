package config

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"csnet/data"
	"csnet/model"
	"csnet/train"
)

// rules lists what each key allows, with what c breaks of it. A number without
// a rule must be 0 or more.
func (c *Config) rules() []rule {
	rs := slices.Concat(c.netRules(), c.optimRules(), c.sizeRules(), c.pruneRules(), []rule{
		c.ownSizeRule(),
		one("data.val_share", "0 to below 1", c.Data.ValShare, c.Data.ValShare >= 0 && c.Data.ValShare < 1),
		within("data.workers", c.Data.Workers, 0, 1024),
		mask("data.mask", c.Data.Mask),
		cache("data.cache", c.Data.Cache),
		oneOf("data.exif", c.Data.Exif, "auto", "turn", "ignore"),
		within("data.augment.crop", c.Data.Augment.Crop, 0, 1<<14),
		within("data.augment.flip", c.Data.Augment.Flip, 0, 1),
		within("data.augment.vertical", c.Data.Augment.Vertical, 0, 1),
		one("data.augment.scale", "above 0, at most 1", c.Data.Augment.Scale, c.Data.Augment.Scale > 0 && c.Data.Augment.Scale <= 1),
		within("data.augment.rotate", c.Data.Augment.Rotate, 0, 180),
		within("data.augment.colour", c.Data.Augment.Colour, 0, 1),
		within("data.augment.grey", c.Data.Augment.Grey, 0, 1),
		within("data.augment.blur", c.Data.Augment.Blur, 0, 1),
		within("data.augment.sharpen", c.Data.Augment.Sharpen, 0, 1),
		within("data.augment.reduce", c.Data.Augment.Reduce, 0, 1),
		within("train.batch", c.Train.Batch, 1, 1<<16),
		within("train.accumulate", c.Train.Accumulate, 1, 1<<16),
		one("train.accumulate", "1 where dwd.mode is dwd, whose S is that of one batch", c.Train.Accumulate, c.Train.Accumulate <= 1 || c.DWD.Mode != "dwd"),
		one("train.loss.sum", "false where train.loss.iou or train.loss.ssim is above 0", c.Train.Loss.Sum, !c.Train.Loss.Sum || c.Train.Loss.IoU == 0 && c.Train.Loss.SSIM == 0),
		one("optim.schedule.fresh", "false where optim.schedule.kind is not step", c.Optim.Schedule.Fresh, !c.Optim.Schedule.Fresh || c.Optim.Schedule.Kind == "step"),
		within("train.epochs", c.Train.Epochs, 1, 1e9),
		within("train.steps", c.Train.Steps, 0, 1e9),
		within("train.log_every", c.Train.LogEvery, 1, 1e9),
		within("train.save_every", c.Train.SaveEvery, 0, 1e9),
		within("train.patience", c.Train.Patience, 0, 1e9),
		one("train.ema", "0 to below 1", c.Train.EMA, c.Train.EMA >= 0 && c.Train.EMA < 1),
		within("train.distill", c.Train.Distill, 0, 1),
		one("train.teacher", "empty where train.distill is 0", c.Train.Teacher, c.Train.Distill > 0 || c.Train.Teacher == ""),
		within("train.loss.bce", c.Train.Loss.BCE, 0, 1e6),
		within("train.loss.iou", c.Train.Loss.IoU, 0, 1e6),
		within("train.loss.ssim", c.Train.Loss.SSIM, 0, 1e6),
		one("train.loss.iou", "above 0 where train.loss.bce and train.loss.ssim are 0", c.Train.Loss.IoU, c.Train.Loss.BCE > 0 || c.Train.Loss.IoU > 0 || c.Train.Loss.SSIM > 0),
		within("train.loss.edge", c.Train.Loss.Edge, 0, 1e6),
		one("train.loss.edge", "0 where train.loss.bce is 0", c.Train.Loss.Edge, c.Train.Loss.BCE > 0 || c.Train.Loss.Edge == 0),
		size("eval.size", c.Eval.Size, 0),
		oneOf("train.best", c.Train.Best, train.BestMAE, train.BestMaxF, train.BestWF),
		oneOf("train.norm", c.Train.Norm, train.NormBatch, train.NormFrozen),
		oneOf("train.precision", c.Train.Precision, train.PrecisionFloat32, train.PrecisionMixed),
		one("train.precision", "float32 unless net.kind and net.dialect are csnet and net.norm is batch", c.Train.Precision, c.Train.Precision != train.PrecisionMixed || c.Net.Kind == model.CSNet && c.Net.Dialect == model.CSNet && c.Net.Norm == model.BatchNorm),
		oneOf("eval.protocol", c.Eval.Protocol, "salmetric", "pysod", "both"),
		within("threads", c.Threads, 0, 1024),
	})
	for _, l := range leaves(reflect.ValueOf(*c), "") {
		if !slices.ContainsFunc(rs, func(r rule) bool { return r.key == l.key }) {
			rs = append(rs, notNegative(l))
		}
	}
	return rs
}

// ownSizeRule says with what data.own_size goes.
func (c *Config) ownSizeRule() rule {
	fits := c.Train.Batch == 1 && c.Net.Dialect == model.Resize && len(c.Data.Size) == 1 && c.Train.Distill == 0 &&
		c.DWD.Mode != "dwd" && len(c.Prune.Milestones) == 0 && c.Data.Augment.FlipsAlone()
	return one("data.own_size", "false unless train.batch is 1, net.dialect resize, data.size a single one, dwd.mode not dwd, data.augment flips alone (crop 0), train.distill 0 and prune.milestones empty", c.Data.OwnSize, !c.Data.OwnSize || fits)
}

// sizeRules are those of the sizes that a run trains at.
func (c *Config) sizeRules() []rule {
	sizes, ends := c.Data.Size, c.Data.SizeMilestones
	rs := []rule{one("data.size", "a list of 1 to 12", listOf(len(sizes)), len(sizes) >= 1 && len(sizes) <= 12)}
	for i, v := range sizes {
		r := size("data.size", v, 1)
		if len(sizes) > 1 && len(r.broken) > 0 {
			r.broken[0].of = fmt.Sprintf("[%d]", i)
		}
		rs = append(rs, r)
	}
	last := 0
	if len(ends) > 0 {
		last = ends[len(ends)-1]
	}
	return append(rs,
		one("data.size_milestones", fmt.Sprintf("one fewer than the sizes of data.size, here %d", len(sizes)-1), listOf(len(ends)), len(ends) == len(sizes)-1),
		each("data.size_milestones", "epochs of 1 or more, ascending", ends, func(i, v int) bool {
			return v >= 1 && (i == 0 || v > ends[i-1])
		}),
		one("data.size_milestones", "below train.epochs, or the last size would never be trained at", last, c.Train.Steps > 0 || last < c.Train.Epochs))
}

func (c *Config) netRules() []rule {
	n := c.Net
	base := math.RoundToEven(20 * n.Width)
	sum := 0.0
	for _, s := range n.Split {
		sum += s
	}
	count := func(key string, n, lo, hi int) rule {
		return one(key, fmt.Sprintf("a list of %d to %d", lo, hi), listOf(n), lo <= n && n <= hi)
	}
	in := func(lo, hi int) func(int, int) bool {
		return func(_, v int) bool { return lo <= v && v <= hi }
	}
	return []rule{
		one("net.width", fmt.Sprintf("a factor with round(20 width) of 1 to %d", model.MaxWidth), n.Width, base >= 1 && base <= model.MaxWidth),
		count("net.split", len(n.Split), 1, model.MaxOctaves),
		each("net.split", "shares of 0 to 1e9, one of them above 0", n.Split, func(_ int, v float64) bool { return v >= 0 && v <= 1e9 }),
		one("net.split", "shares of 0 to 1e9, one of them above 0", n.Split, len(n.Split) == 0 || sum != 0),
		count("net.blocks", len(n.Blocks), 1, 12),
		each("net.blocks", fmt.Sprintf("1 to %d blocks per stage", model.MaxBlocks), n.Blocks, in(1, model.MaxBlocks)),
		count("net.multipliers", len(n.Multipliers), 2, 13),
		each("net.multipliers", fmt.Sprintf("above 0, giving 1 to %d channels", model.MaxChannels), n.Multipliers, func(_ int, v float64) bool { return v > 0 && v <= model.MaxChannels }),
		count("net.head", len(n.Head), 0, 12),
		each("net.head", fmt.Sprintf("0 to %d channels", model.MaxChannels), n.Head, in(0, model.MaxChannels)),
		count("net.dilations", len(n.Dilations), 0, 64),
		each("net.dilations", fmt.Sprintf("1 to %d", model.MaxDilation), n.Dilations, in(1, model.MaxDilation)),
		oneOf("net.norm", n.Norm, model.BatchNorm, model.GroupNorm),
		one("net.groups", groupsWish(n.Norm), n.Groups, n.Groups >= 0 && n.Groups <= model.MaxChannels && (n.Groups > 0) == (n.Norm == model.GroupNorm)),
		oneOf("net.dialect", n.Dialect, model.CSNet, model.Resize, model.Octave),
		one("net.balance", "false where net.dialect is not resize", n.Balance, !n.Balance || n.Dialect == model.Resize),
		oneOf("net.kind", n.Kind, model.CSNet, model.KindCSF),
		one("net.backbone", backboneWish(n.Kind), n.Backbone, backboneFits(n)),
		one("net.eps", "above 0, at most 1", n.Eps, n.Eps > 0 && n.Eps <= 1),
	}
}

// groupsWish says what net.groups may be with a kind of norm.
func groupsWish(norm string) string {
	if norm == model.GroupNorm {
		return fmt.Sprintf("1 to %d where net.norm is group", model.MaxChannels)
	}
	return "0 where net.norm is batch"
}

// backboneFits reports whether net.backbone is one that net.kind can have.
func backboneFits(n model.Arch) bool {
	if n.Kind != model.KindCSF {
		return n.Backbone == ""
	}
	_, ok := model.FindBackbone(n.Backbone)
	return ok
}

// backboneWish says what net.backbone may be in a net of a kind.
func backboneWish(kind string) string {
	if kind != model.KindCSF {
		return "empty where net.kind is csnet"
	}
	var names []string
	for _, b := range model.Backbones() {
		names = append(names, b.Name)
	}
	return strings.Join(names, " or ") + " where net.kind is csf"
}

func (c *Config) optimRules() []rule {
	o, s := c.Optim, c.Optim.Schedule
	norms := []string{string(model.Mix), string(model.DW1), string(model.DW2)}
	return []rule{
		above0("optim.lr", o.LR),
		each("optim.betas", "0 to below 1", o.Betas[:], func(_ int, v float64) bool { return v >= 0 && v < 1 }),
		above0("optim.eps", o.Eps),
		atLeast0("optim.l2", o.L2),
		oneOf("optim.schedule.kind", s.Kind, "step", "cosine", "constant"),
		each("optim.schedule.milestones", "epochs of 0 or more, ascending", s.Milestones, func(i, v int) bool {
			return v >= 0 && (i == 0 || v > s.Milestones[i-1])
		}),
		above0("optim.schedule.factor", s.Factor),
		within("optim.schedule.warmup_steps", s.WarmupSteps, 0, 1e9),
		within("optim.schedule.final", s.Final, 0, 1),
		oneOf("dwd.mode", c.DWD.Mode, "dwd", "l2", "l1", "none"),
		atLeast0("dwd.lambda", c.DWD.Lambda),
		above0("dwd.factor", c.DWD.Factor),
		within("dwd.schedule.begin", c.DWD.Schedule.Begin, 0, 1e9),
		one("dwd.schedule.full", "0 or an epoch of dwd.schedule.begin or later", c.DWD.Schedule.Full, c.DWD.Schedule.Full == 0 || c.DWD.Schedule.Full >= c.DWD.Schedule.Begin),
		one("dwd.schedule.end", "0 or an epoch later than dwd.schedule.begin and not before dwd.schedule.full", c.DWD.Schedule.End,
			c.DWD.Schedule.End == 0 || c.DWD.Schedule.End > c.DWD.Schedule.Begin && c.DWD.Schedule.End >= c.DWD.Schedule.Full),
		within("optim.clip", o.Clip, 0, 1e9),
		each("dwd.norms", "of mix, dw1, dw2, each once", c.DWD.Norms, func(i int, v string) bool {
			return slices.Contains(norms, v) && !slices.Contains(c.DWD.Norms[:i], v)
		}),
	}
}

// size allows the sides of a net input; whether the net can halve one is
// checked once the net is known.
func size(key string, v, lo int) rule {
	return one(key, fmt.Sprintf("%d to %d and a multiple of what the net needs (16 for csnet-x1)", lo, 1<<14), v, lo <= v && v <= 1<<14)
}

// cache allows what large photos are reduced to.
func cache(key, v string) rule {
	_, err := data.ParseCache(v, 1)
	return one(key, "auto, off or 16 to 16384", v, err == nil)
}

// mask allows the codings of mask files.
func mask(key, v string) rule {
	_, err := data.ParseCoding(v)
	return one(key, "auto, luma, alpha, index or color=#rrggbb", v, err == nil)
}

// notNegative is the rule of a key that has none of its own.
func notNegative(l leaf) rule {
	v := l.value
	switch {
	case isDuration(v.Type()):
		return one(l.key, "a duration, 0s or more", v.Interface(), v.Int() >= 0)
	case v.CanInt():
		return one(l.key, "0 or more", v.Int(), v.Int() >= 0)
	case v.CanFloat():
		return one(l.key, "0 or more", v.Float(), v.Float() >= 0)
	case v.CanUint():
		return rule{key: l.key, want: "0 or more"}
	case v.Kind() == reflect.Bool:
		return rule{key: l.key, want: "true or false"}
	case v.Kind() == reflect.String:
		return rule{key: l.key, want: "text"}
	}
	return rule{key: l.key, want: "a list"}
}

// check reports every value that is impossible by itself, or in this net.
func (d *decoder) check(name string) {
	sound := len(d.problems) == 0
	for _, r := range d.cfg.rules() {
		for _, b := range r.broken {
			d.refuse(name, r.key+b.of, fmt.Sprintf("is %s, must be %s%s", b.found, r.want, b.hint))
			sound = false
		}
	}
	if !sound {
		return
	}
	spec, err := d.cfg.Spec()
	if err != nil {
		d.specError(name, err)
		return
	}
	for i, s := range d.cfg.Data.Size {
		key := "data.size"
		if len(d.cfg.Data.Size) > 1 {
			key = fmt.Sprintf("data.size[%d]", i)
		}
		d.multiple(name, key, s, spec.Multiple())
	}
	d.multiple(name, "eval.size", d.cfg.Eval.Size, spec.Multiple())
}

// multiple refuses a net size that the net cannot halve down to its coarsest
// octave. A size of 0 follows another key.
func (d *decoder) multiple(name, key string, size, m int) {
	if size%m == 0 {
		return
	}
	low := max(m, size/m*m)
	d.refuse(name, key, fmt.Sprintf("is %d, must be a multiple of %d for this net; the nearest are %d and %d", size, m, low, low+m), "net.")
}

// specError reports what model says about the net, at the key that decides it.
func (d *decoder) specError(name string, err error) {
	e := &model.Error{Key: "net", Text: err.Error()}
	errors.As(err, &e)
	d.refuse(name, e.Key, e.Text, "net.")
}

// refuse reports a value of the resolved configuration at the place where it
// was written. A default has none: then the last key written under one of the
// related prefixes stands for it, else the file called name.
func (d *decoder) refuse(name, key, text string, related ...string) {
	whole, _, _ := strings.Cut(key, "[")
	for _, k := range []string{key, whole} {
		if p, ok := d.at[k]; ok {
			d.report(p, key, "%s", text)
			return
		}
	}
	p := Place{File: name}
	for _, l := range leaves(reflect.ValueOf(d.cfg), "") {
		at, written := d.at[l.key]
		if written && slices.ContainsFunc(related, func(r string) bool { return strings.HasPrefix(l.key, r) }) {
			p = at
		}
	}
	d.report(p, key, "%s (by default)", text)
}
