package main

import (
	"csnet/data"
	"csnet/internal/imagefile"
	"csnet/internal/memory"
	"csnet/model"
	"csnet/train"
)

// The most that flags may ask for, whatever memory there is.
const (
	maxSide  = 16384 // pixels of a net's input
	maxBatch = 1 << 20
)

// workerBytes is what a worker of predict and eval takes besides its net: a photo
// being decoded, its map and the buffers of a PNG.
const workerBytes = 12e6

// roomShare is how much of the memory that is left may be planned for.
const roomShare = 0.9

// memoryLeft is what memory.Left said; each question takes a seventh of a millisecond.
type memoryLeft struct {
	bytes float64
	known bool
}

func askMemory() memoryLeft {
	bytes, known := memory.Left()
	return memoryLeft{bytes, known}
}

// pictureRoom is what the photos that are decoded at the same time share, however many
// threads there are: 2 GiB, or half of what is left where that is less. A photo that
// needs more than what is left is refused.
func (m memoryLeft) pictureRoom() *imagefile.Room {
	if !m.known {
		return imagefile.NewRoom(imagefile.RoomBytes, 0)
	}
	left := max(m.bytes*roomShare, 1)
	return imagefile.NewRoom(int64(min(imagefile.RoomBytes, left/2)), int64(left))
}

// roomForWorkers finds out, before anything is allocated, whether so many nets can
// be evaluated at a time at this size, and refuses with the most that fits.
func (m memoryLeft) roomForWorkers(s model.Spec, size, workers int) error {
	if size > maxSide {
		return usagef("--size is %d, must be at most %d", size, maxSide)
	}
	left := m.bytes * roomShare
	one := func(size int) float64 {
		return memory.Net(s, 1, size, memory.Evaluation) + 16*float64(size)*float64(size) + workerBytes
	}
	need := float64(workers) * one(size)
	switch {
	case !m.known || need <= left:
		return nil
	case one(size) <= left:
		return usagef("--threads: %d nets at a time at size %d need about %s, %s are left: at most --threads %d fit",
			workers, size, memory.Text(need), memory.Text(left), memory.Largest(workers, left, func(n int) float64 { return float64(n) * one(size) }))
	}
	step := s.Multiple()
	n := memory.Largest(size/step, left, func(n int) float64 { return one(n * step) })
	return usagef("--size: a net at %d needs about %s, %s are left: at most --size %d fits", size, memory.Text(one(size)), memory.Text(left), n*step)
}

// roomForBatch is the same for one net over a batch, whose flags or keys are
// called so.
func roomForBatch(s model.Spec, batchName, sizeName string, batch, size int, use memory.Use) error {
	switch {
	case size > maxSide:
		return usagef("%s is %d, must be at most %d", sizeName, size, maxSide)
	case batch > maxBatch:
		return usagef("%s is %d, must be at most %d", batchName, batch, maxBatch)
	}
	left, ok := memory.Left()
	left *= roomShare
	need := memory.Net(s, batch, size, use)
	least := 1
	switch {
	case !ok || need <= left:
		return nil
	case memory.Net(s, least, size, use) <= left:
		return usagef("%s: batches of %d at size %d need about %s, %s are left: at most %s %d fits",
			batchName, batch, size, memory.Text(need), memory.Text(left), batchName, memory.Largest(batch, left, func(n int) float64 { return memory.Net(s, n, size, use) }))
	}
	step := s.Multiple()
	n := memory.Largest(size/step, left, func(n int) float64 { return memory.Net(s, least, n*step, use) })
	return usagef("%s: one picture of size %d needs about %s, %s are left: at most %s %d fits", sizeName, size, memory.Text(memory.Net(s, least, size, use)), memory.Text(left), sizeName, n*step)
}

// use is what the run's net is for.
func (j *trainJob) use() memory.Use {
	if j.conf.Train.Precision == train.PrecisionMixed {
		return memory.MixedTraining
	}
	return memory.Training
}

// roomForOwnSize is roomForBatch for the largest picture of a run that trains on pictures in
// their own size.
func (j *trainJob) roomForOwnSize(pairs []data.Pair) error {
	if !j.conf.Data.OwnSize {
		return nil
	}
	side := 0
	for _, p := range pairs {
		side = max(side, p.Side)
	}
	return roomForBatch(j.spec, "train.batch", "data.own_size: the largest picture, which data.cache can reduce,", 1, side, j.use())
}
