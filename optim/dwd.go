package optim

import "math"

// DWD is the `dwd` section of a config: dynamic weight decay, by which a net
// learns how many channels each of its layers needs.
//
// The weight gamma_c of channel c of a norm is decayed the more, the more the
// channel puts out:
//
//	gamma_c <- gamma_c - lr (dL/dgamma_c + lambda S_c gamma_c)
//	S_c = mean over the batch of |mean over the map of y_c|
//
// where y_c is the channel's map after the norm and its PReLU, taken as a
// constant: no gradient flows through S_c. The gamma of a channel that the loss
// does not need goes to 0, and pruning then takes the channel away. The paper's
// lambda is 3. The gammas under DWD have no other decay; all other parameters
// have the coupled L2 of Config.
//
// As in the authors' release the term is added to the gradient before Adam
// normalises it. Factor scales it per octave and stage, see Decay.
//
// Source: Gao et al., Highly Efficient Salient Object Detection with 100K
// Parameters, ECCV 2020, section 4.
type DWD struct {
	Mode       string   `yaml:"mode"`        // dwd, or l2 or l1 on the same gammas instead, or none
	Lambda     float64  `yaml:"lambda"`      // strength: times S in mode dwd, the plain factor of L2 or L1 in l2 and l1
	Factor     float64  `yaml:"factor"`      // f: the term grows f-fold per stage before the last and per octave above the coarsest
	Norms      []string `yaml:"norms"`       // layers of an ILBlock whose norms are decayed so: of mix, dw1, dw2
	CompatSlip bool     `yaml:"compat_slip"` // the release's slip: L2 on the second depthwise norm's gamma as well
	Schedule   Ramp     `yaml:"schedule"`
}

// Ramp says how lambda changes over a run, in epochs from 0. The zero value is
// the same lambda all the time.
type Ramp struct {
	Begin int `yaml:"begin"` // first epoch with a lambda above 0
	Full  int `yaml:"full"`  // first epoch with the whole lambda; it grows linearly from begin on, step by step
	End   int `yaml:"end"`   // first epoch without decay again; 0 = never
}

// LambdaAt is the lambda of step (from 0) with perEpoch steps an epoch.
func (d DWD) LambdaAt(step, perEpoch int) float64 {
	begin, full, end := d.Schedule.Begin*perEpoch, d.Schedule.Full*perEpoch, d.Schedule.End*perEpoch
	switch {
	case d.Mode == "none" || step < begin || end > 0 && step >= end:
		return 0
	case step < full:
		return d.Lambda * float64(step-begin+1) / float64(full-begin+1)
	}
	return d.Lambda
}

// DefaultDWD is the paper's recipe.
func DefaultDWD() DWD {
	return DWD{Mode: "dwd", Lambda: 3, Factor: 1, Norms: []string{"mix", "dw1", "dw2"}}
}

// Norm says where the norm of an ILBlock stands in the net.
type Norm struct {
	Part    string // of the block: mix, dw1 or dw2
	Stage   int    // 0 = stem
	Stages  int    // the last stage's number
	Octave  int    // of its layer's output, 0 the finest
	Octaves int    // that the layer declares
}

// Decay says what the gamma of a norm in an ILBlock gets: l2, the coupled L2
// of all other parameters, and dynamic, the DWD term with the factor
//
//	f^(Stages - max(Stage, 1)) * f^(Octaves - 1 - Octave)
//
// so that with f above 1 early stages and fine octaves, which cost the most,
// are decayed the most; the paper's f is 1. A norm that Norms leaves out, or all
// with mode none, is decayed like any other parameter; CompatSlip gives the
// second depthwise norm's gamma both.
func (d DWD) Decay(n Norm) (l2, dynamic bool, factor float64) {
	listed := false
	for _, part := range d.Norms {
		listed = listed || part == n.Part
	}
	if !listed || d.Mode == "none" {
		return true, false, 0
	}
	f := math.Pow(d.Factor, float64(n.Stages-max(n.Stage, 1)+n.Octaves-1-n.Octave))
	return d.CompatSlip && n.Part == "dw2", true, f
}

// Dynamic is the decay of one norm's gamma.
type Dynamic struct {
	Factor float64   // of the octave and stage, times lambda
	GAP    []float32 // S per channel, refreshed by every backward run
}

// term is what the gradient of gamma of channel c gains.
func (d DWD) term(y *Dynamic, c int, gamma float32) float64 {
	k := d.Lambda * y.Factor
	switch d.Mode {
	case "dwd":
		return k * float64(y.GAP[c]) * float64(gamma)
	case "l2":
		return k * float64(gamma)
	case "l1":
		switch {
		case gamma > 0:
			return k
		case gamma < 0:
			return -k
		}
	}
	return 0
}
