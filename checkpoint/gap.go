package checkpoint

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// gap names a tensor that others ask for and that is not there, nil where none is
// found. A Spec guessed from a file with a gap fits nothing, and an error about it
// would blame a tensor that is right.
//
//   - A norm has a weight, a bias, a running mean and a running variance; one of
//     which there is a single tensor is taken for a surplus.
//   - A gOctConv with norms has a weight.
//   - The branches of an MSBlock have as many outputs in all as its norm.
func gap(shapes map[string][]int) error {
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		norm, part := parent(name)
		layer, kind := parent(norm)
		list, octaves := parent(layer)
		if part == "" || product(shapes[name]) == 0 || kind != "bn" && octaves != "bns" {
			continue // no norm, or an absent octave's
		}
		if err := normGap(shapes, norm); err != nil {
			return err
		}
		if weight := list + ".conv.weight"; kind != "bn" && stacks(list) {
			if _, ok := shapes[weight]; !ok {
				return fmt.Errorf("tensor %s is missing: %s is there", weight, name)
			}
		}
		if kind == "bn" {
			if err := branchGap(shapes, layer, shapes[name][0]); err != nil {
				return err
			}
		}
	}
	return nil
}

// parent cuts a name at its last dot.
func parent(name string) (rest, last string) {
	i := strings.LastIndexByte(name, '.')
	return name[:max(i, 0)], name[i+1:]
}

// stacks reports whether a layer of this name has one weight for all its octaves.
func stacks(layer string) bool {
	_, last := parent(layer)
	return last == "conv1x1" || last == "fuse" || last == "fuse1x1"
}

// normGap names the tensor that a norm with at least two others lacks.
func normGap(shapes map[string][]int, norm string) error {
	var missing []string
	parts := []string{"weight", "bias", "running_mean", "running_var"}
	for _, p := range parts {
		if _, ok := shapes[norm+"."+p]; !ok {
			missing = append(missing, norm+"."+p)
		}
	}
	if len(missing) == 0 || len(parts)-len(missing) < 2 {
		return nil
	}
	return fmt.Errorf("tensor %s is missing: other tensors of this norm are there", missing[0])
}

// branchGap names the branches without a weight of an MSBlock whose branches have
// fewer outputs in all than its norm has channels: one of them is missing.
func branchGap(shapes map[string][]int, block string, channels int) error {
	rows := 0
	var absent []string
	for d := range usualBranches {
		name := fmt.Sprintf("%s.msconv.%d.weight", block, d)
		if shape := shapes[name]; len(shape) > 0 {
			rows += shape[0]
		} else {
			absent = append(absent, name)
		}
	}
	if len(absent) == 0 || rows >= channels {
		return nil
	}
	return fmt.Errorf("tensor %s is missing: the other branches have %d outputs, %s.bn has %d", strings.Join(absent, " or "), rows, block, channels)
}
