package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"

	"csnet/graph"
	"csnet/internal/config"
	"csnet/model"
	"csnet/train"
)

// benchSubject is what is measured.
type benchSubject struct {
	what                 string // file
	spec                 model.Spec
	mode                 string
	batch, size, threads int
	net                  *graph.Net
	step                 *train.Stepper // in mode train
	x, y                 []float32
	logits               []float32 // of the last run in mode infer
}

// benchSource reads the net of --checkpoint or --config.
func benchSource(o benchOptions) (*config.Config, model.Spec, *model.Params, error) {
	n, conf, err := netOrConfig(o.Checkpoint, o.Config, o.Set)
	if err != nil {
		return nil, model.Spec{}, nil, err
	}
	if conf == nil {
		conf, err = n.config()
		return conf, n.Spec, n.Params, err
	}
	spec, err := conf.Spec()
	if err != nil {
		return nil, model.Spec{}, nil, usageError{err}
	}
	params, err := spec.NewParams(conf.Train.Seed)
	if err == nil && o.Mode == "infer" {
		err = settle(spec, params)
	}
	return conf, spec, params, err
}

// settle sets the running statistics of drawn weights to those of a drawn
// batch: with the initial ones the values would grow past float32 on the way
// through the net.
func settle(s model.Spec, params *model.Params) error {
	for _, p := range params.All() {
		if p.Role == model.Var {
			clear(p.Data)
		}
	}
	side := 4 * s.Multiple()
	net, err := graph.Build(s, params, graph.Options{Batch: 2, H: side, W: side, Train: true, Threads: 1})
	if err != nil {
		return err
	}
	defer net.Close()
	if _, err := net.Forward(drawn(2*s.Input*side*side, 0)); err != nil {
		return err
	}
	for _, p := range params.All() {
		if p.Role == model.Mean || p.Role == model.Var {
			for i := range p.Data {
				p.Data[i] *= 10 // a training run takes over a tenth
			}
		}
	}
	return nil
}

// drawn returns n standard normal values.
func drawn(n int, stream uint64) []float32 {
	rng := rand.New(rand.NewPCG(1, stream))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// newBenchSubject builds what the flags ask for.
func newBenchSubject(o benchOptions) (*benchSubject, error) {
	s := &benchSubject{what: o.Checkpoint + o.Config, mode: o.Mode, batch: o.Batch, size: o.Size}
	var err error
	if s.threads, err = threadCount(o.Threads); err != nil {
		return nil, err
	}
	conf, spec, params, err := benchSource(o)
	if err != nil {
		return nil, err
	}
	s.spec = spec
	if s.batch == 0 {
		s.batch = 1
		if o.Mode == "train" {
			s.batch = conf.Train.Batch
		}
	}
	if s.size == 0 {
		s.size = conf.Eval.Size
		if o.Mode == "train" {
			s.size = conf.Data.SizePlan().Last()
		}
	}
	if err := spec.CheckSize(s.size, s.size); err != nil {
		return nil, usagef("--size: %w", err)
	}
	if s.x, err = s.input(o.Input); err != nil {
		return nil, err
	}
	g := graph.Options{Batch: s.batch, H: s.size, W: s.size, Threads: s.threads}
	if o.Mode == "infer" {
		g.Frozen = true
		s.net, err = graph.Build(spec, params, g)
		return s, err
	}
	if err := spec.CheckBatch(s.batch, s.size, s.size); err != nil {
		return nil, usageError{err}
	}
	s.y = drawn(s.batch*s.size*s.size, 2)
	for i, v := range s.y {
		s.y[i] = min(max(0.5+v, 0), 1)
	}
	g.Loss = graph.LossTerms(conf.Train.Loss)
	if s.step, err = train.NewStepper(spec, params, conf.Optim, conf.DWD, g); err != nil {
		return nil, err
	}
	s.net = s.step.Net()
	return s, nil
}

// input reads the images of a file, or draws them.
func (s *benchSubject) input(path string) ([]float32, error) {
	n := s.batch * s.spec.Input * s.size * s.size
	if path == "" {
		return drawn(n, 1), nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--input: %w", err)
	}
	if len(raw) != 4*n {
		return nil, fmt.Errorf("--input: %s has %d bytes, must be float32 (%d, %d, %d, %d) = %d", path, len(raw), s.batch, s.spec.Input, s.size, s.size, 4*n)
	}
	x := make([]float32, n)
	return x, binary.Read(bytes.NewReader(raw), binary.LittleEndian, x)
}

// writeFloats writes x as little-endian float32.
func writeFloats(path string, x []float32) error {
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, x); err != nil {
		return err
	}
	return writeFile(path, b.Bytes())
}

// observe makes every run tell f of its ops.
func (s *benchSubject) observe(f func(op string, backward, begin bool)) {
	if s.step != nil {
		s.step.Observe(f)
		return
	}
	s.net.Observe(f)
}

// once is one run.
func (s *benchSubject) once(ctx context.Context) (err error) {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.step != nil {
		_, err = s.step.Step(s.x, s.y)
		return err
	}
	s.logits, err = s.net.Forward(s.x)
	return err
}

func (s *benchSubject) close() { s.net.Close() }
