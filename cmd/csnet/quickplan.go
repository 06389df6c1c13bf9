package main

import (
	"time"

	"csnet/graph"
)

// The quickstart's steps on a machine that has the time.
const (
	quickSteps     = 600
	quickTuneSteps = 320
)

// plan fits training and fine-tuning into a budget by timing a few steps of
// the net: all the steps where there is time, proportionally fewer otherwise.
func (j *trainJob) plan(budget time.Duration) ([2]int, error) {
	c, size := j.conf, j.conf.Data.SizePlan().Last()
	params := j.params.Clone()
	net, err := graph.Build(j.spec, params, graph.Options{Batch: c.Train.Batch, H: size, W: size, Train: true, Threads: j.threads})
	if err != nil {
		return [2]int{}, err
	}
	defer net.Close()
	n := c.Train.Batch * size * size
	x, y := make([]float32, 3*n), make([]float32, n)
	for i := range x {
		x[i] = float32(i%17)/8 - 1
	}
	var start time.Time
	const warm, timed = 2, 4
	for k := range warm + timed {
		if k == warm {
			start = time.Now()
		}
		if _, err := net.Step(x, y); err != nil {
			return [2]int{}, err
		}
	}
	// The step, its data and its share of the validations take about 1.4
	// times the bare step; the pruned net half as long as the whole one.
	step := time.Since(start) * 14 / 10 / timed
	need := step * (quickSteps + quickTuneSteps*2/3)
	if need <= budget {
		return [2]int{quickSteps, quickTuneSteps}, nil
	}
	share := float64(budget) / float64(need)
	return [2]int{max(int(quickSteps*share), 1), max(int(quickTuneSteps*share), 1)}, nil
}
