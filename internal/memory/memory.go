// Package memory estimates what work takes before anything is allocated, and finds
// out what the machine has left for it.
package memory

import (
	"fmt"
	"sort"

	"csnet/model"
)

// What a net's maps take, as a share of all outputs of its layers: in training all
// of them are kept, with room for gradients; in evaluation few live at a time.
// Measured over nets of 1 to 3 octaves: 1.05 to 1.14, and .06 to .13.
const (
	trainShare = 1.2
	inferShare = 0.15
	floatBytes = 4
)

// shares are the same for a net: those above, or those of the nets that run op by op, which
// also keep outputs before norms, and pooled and resized maps. Measured over both
// dialects and both backbones; where the norms of these learn, they are ops of their own.
func shares(s model.Spec) (train, infer float64) {
	switch {
	case s.Kind == model.KindCSF:
		return 2.8, 0.6
	case s.Dialect != model.CSNet || s.Norm.Kind != model.BatchNorm:
		return 2.4, 0.25
	}
	return trainShare, inferShare
}

// Use is what a net is for.
type Use int

// The uses of a net.
const (
	Evaluation    Use = iota
	Training          // in float32
	MixedTraining     // train.precision mixed: maps in 16 bits
)

// copies is how often a net of s holds its parameters: for training with gradients and
// two moments, else also packed, and those of large backbones transformed for Winograd's
// convolutions too.
func (u Use) copies(s model.Spec) float64 {
	switch {
	case u != Evaluation:
		return 4
	case s.Kind == model.KindCSF:
		return 3
	}
	return 2
}

// Net estimates the bytes that a net over batch images of side x side pixels takes,
// with its input and parameters; for training also two batches being loaded. It does not
// overflow.
func Net(s model.Spec, batch, side int, use Use) float64 {
	area := func(level int) float64 {
		d := float64(int(1) << min(level, 40))
		return float64(side) / d * (float64(side) / d)
	}
	maps := 0.0
	for _, l := range s.Layers() {
		for j, c := range l.Out {
			maps += float64(c) * area(l.OutLevel+j)
		}
	}
	ofTraining, share := shares(s)
	inputs := float64(s.Input)
	if use != Evaluation {
		share, inputs = ofTraining, 3*float64(s.Input+1)
	}
	if use == MixedTraining {
		share /= 2
	}
	return floatBytes * (float64(batch)*(share*maps+inputs*area(0)) + use.copies(s)*float64(s.ParamCount()))
}

// Largest returns the largest n from 0 to most for which need(n) is at most left;
// need must rise.
func Largest(most int, left float64, need func(n int) float64) int {
	return sort.Search(most, func(i int) bool { return need(i+1) > left })
}

// Text words a number of bytes.
func Text(bytes float64) string {
	switch {
	case bytes >= 1e15:
		return fmt.Sprintf("%.2g GB", bytes/1e9)
	case bytes >= 1e10:
		return fmt.Sprintf("%.0f GB", bytes/1e9)
	case bytes >= 1e9:
		return fmt.Sprintf("%.1f GB", bytes/1e9)
	}
	return fmt.Sprintf("%.0f MB", bytes/1e6)
}
