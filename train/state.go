package train

import (
	"strings"

	"csnet/checkpoint"
	"csnet/internal/kernel"
)

// state is what the run must know, besides net, optimizer and config, to go on.
func (r *run) state() *checkpoint.Run {
	s := &checkpoint.Run{
		Build: r.Build, CPU: r.cpu, Train: r.Pictures, Validation: r.ValPictures,
		Size: r.size, Stale: r.stale, Ended: r.ended, Shrunk: r.shrunk,
		Trained: r.Trained, LossSum: r.log.sum, LossSteps: r.log.n, LastLoss: r.log.last,
	}
	if r.best != nil {
		s.Best = stored(r.best, r.bestStep)
	}
	if r.start != nil {
		s.Start, s.StartSize = stored(r.start, 0), r.startAt
	}
	if r.owes(r.step) {
		for _, n := range r.norms() {
			s.Gaps = append(s.Gaps, [2]float64{n.GAP, n.CVGAP})
		}
	}
	return s
}

func stored(s *Score, step int) *checkpoint.Score {
	return &checkpoint.Score{Step: step, MAE: s.MAE, MaxF: s.MaxF, ObjMaxF: s.ObjMaxF, WF: s.WF}
}

func restored(s *checkpoint.Score) *Score {
	return &Score{MAE: s.MAE, MaxF: s.MaxF, ObjMaxF: s.ObjMaxF, WF: s.WF}
}

// takeState takes over what the checkpoint that the run goes on from knows, or,
// where it is an older csnet's, what the log says.
func (r *run) takeState() {
	r.cpu = kernel.Current().String()
	var s *checkpoint.Run
	if r.Resume != nil {
		s = r.Resume.Run
	}
	if s == nil {
		if r.log.logged(r.step) {
			r.ended = r.step
		}
		r.start, r.startAt = r.log.start, r.log.startAt
		r.takeBest()
		return
	}
	r.cpu = levels(s.CPU, r.cpu)
	r.ended, r.shrunk = s.Ended, s.Shrunk
	if s.Start != nil {
		r.start, r.startAt = restored(s.Start), s.StartSize
	}
	r.log.sum, r.log.n, r.log.last = s.LossSum, s.LossSteps, s.LastLoss
	r.takeBest()
}

// takeBest takes over the best score, if it is of the size that the run is at.
func (r *run) takeBest() {
	if r.Resume != nil && r.Resume.Run != nil {
		if s := r.Resume.Run; s.Size == r.size && s.Best != nil {
			r.best, r.bestStep, r.stale = restored(s.Best), s.Best.Step, s.Stale
		}
		return
	}
	if r.log.size == r.size {
		r.best, r.bestStep, r.stale = r.log.best, r.log.bestStep, r.log.stale
	}
}

// levels adds a CPU level to those that made a run's weights so far.
func levels(was, now string) string {
	for _, l := range strings.Split(was, "+") {
		if l == now {
			return was
		}
	}
	if was == "" {
		return now
	}
	return was + "+" + now
}
