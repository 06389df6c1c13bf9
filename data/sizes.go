package data

import "slices"

// Sizes are the sides of the square net input that a run trains at one after the
// other, in pixels. In a config a single one may be written without brackets.
type Sizes []int

// SizePlan says at which size the epochs of a run train.
type SizePlan struct {
	Sizes      Sizes // at least one
	Milestones []int // epochs, from 0, that begin at the next size; one fewer than Sizes
}

// At is the size that an epoch (from 0) trains at.
func (p SizePlan) At(epoch int) int {
	i := 0
	for i < len(p.Milestones) && epoch >= p.Milestones[i] {
		i++
	}
	return p.Sizes[min(i, len(p.Sizes)-1)]
}

// Last is the size that a run ends with: the size of use.
func (p SizePlan) Last() int { return p.Sizes[len(p.Sizes)-1] }

// Max is the largest size.
func (p SizePlan) Max() int { return slices.Max(p.Sizes) }

// SizePlan returns the sizes of a config with their milestones.
func (c Config) SizePlan() SizePlan { return SizePlan{c.Size, c.SizeMilestones} }
