package config

import (
	"fmt"

	"csnet/model"
	"csnet/prune"
)

// pruneRules are those of pruning, after training and in it.
func (c *Config) pruneRules() []rule {
	p := c.Prune
	n := len(p.Milestones)
	given := 0
	perMilestone := func(key string, length int) rule {
		if length > 0 {
			given++
		}
		return one(key, fmt.Sprintf("one for each milestone of prune.milestones, here %d, or none", n), listOf(length), length == 0 || length == n)
	}
	last := 0
	if n > 0 {
		last = p.Milestones[n-1]
	}
	rs := []rule{
		atLeast0("prune.threshold", p.Threshold),
		within("prune.min_channels", p.MinChannels, 0, model.MaxChannels),
		each("prune.milestones", "epochs of 1 or more, ascending", p.Milestones, func(i, v int) bool {
			return v >= 1 && (i == 0 || v > p.Milestones[i-1])
		}),
		one("prune.milestones", "below train.epochs, or the smaller net would never be trained", last, c.Train.Steps > 0 || n == 0 || last < c.Train.Epochs),
		perMilestone("prune.target_params", len(p.TargetParams)),
		each("prune.target_params", "1 or more", p.TargetParams, func(_, v int) bool { return v >= 1 }),
		perMilestone("prune.target_macs", len(p.TargetMACs)),
		each("prune.target_macs", "1 or more", p.TargetMACs, func(_, v int) bool { return v >= 1 }),
		perMilestone("prune.ratios", len(p.Ratios)),
		each("prune.ratios", "0 to below 1", p.Ratios, func(_ int, v float64) bool { return v >= 0 && v < 1 }),
		oneOf("prune.criterion", p.Criterion, prune.ByGamma, prune.ByGammaGap),
		oneOf("prune.fold", p.Fold, prune.AutoFold, string(prune.FoldExact), string(prune.FoldInterior), string(prune.FoldNone)),
		one("prune.fold", "auto, interior or none with prune.target_params, prune.target_macs or prune.ratios, which remove channels that are not dead", p.Fold,
			given == 0 || p.Fold != string(prune.FoldExact)),
		within("prune.round_to", p.RoundTo, 1, model.MaxChannels),
		within("prune.recalibrate", p.Recalibrate, 0, 1e9),
	}
	return append(rs, one("prune.ratios", "empty where prune.target_params or prune.target_macs is given", listOf(len(p.Ratios)), given < 2 || len(p.Ratios) == 0),
		one("prune.target_macs", "empty where prune.target_params is given", listOf(len(p.TargetMACs)), len(p.TargetParams) == 0 || len(p.TargetMACs) == 0))
}
