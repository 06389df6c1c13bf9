// Command exchange measures what ranks exchange in a step of training, without the
// training: it notes the collective calls of one step of a net, then makes the same
// calls with the same sizes again and again over MPI, back to back, so that no rank
// waits for another's arithmetic. Rank 0 prints calls, bytes and milliseconds.
//
//	CGO_ENABLED=1 CC=mpicc go build -tags mpi -o exchange ./scripts/exchange
//	mpirun --bind-to none -n 2 ./exchange [-config csnet-x1] [-size 224] [-batch 24] [-rounds 200]
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"csnet/graph"
	"csnet/internal/config"
	"csnet/internal/dist"
	"csnet/train"
)

func main() {
	name := flag.String("config", "csnet-x1", "config of the net")
	size := flag.Int("size", 224, "side of the input")
	batch := flag.Int("batch", 24, "pictures of all ranks")
	rounds := flag.Int("rounds", 200, "how often the calls of a step are made")
	flag.Parse()
	runtime.LockOSThread()
	if os.Getenv("OMPI_MCA_mpi_yield_when_idle") == "" {
		os.Setenv("OMPI_MCA_mpi_yield_when_idle", "1") // as csnet train does
	}
	if err := run(*name, *size, *batch, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "exchange:", err)
		os.Exit(1)
	}
}

func run(name string, size, batch, rounds int) error {
	c, err := dist.MPI(1)
	if err != nil {
		return err
	}
	if batch%c.Size() != 0 {
		return errors.Join(fmt.Errorf("%d pictures cannot be shared equally by %d ranks", batch, c.Size()), c.Close(nil))
	}
	n := notes{rank: c.Rank(), size: c.Size()}
	if err := n.step(name, size, batch/c.Size()); err != nil {
		return errors.Join(err, c.Close(err))
	}
	n.agreement()
	gathers, gradients := make([]float64, rounds), make([]float64, rounds)
	for i := range rounds {
		if gathers[i], gradients[i], err = n.replay(c); err != nil {
			return err
		}
	}
	if c.Rank() == 0 {
		n.report(name, gathers, gradients)
	}
	return c.Close(nil)
}

// call is a collective call of a step.
type call struct {
	kind string // gather, exchange, gatherv, bcast
	size int    // of gather's and bcast's buffer, bytes
	n, m []int
	sent int
}

// notes is a Comm that notes what is called; the other ranks have what this one has.
type notes struct {
	rank, size int
	calls      []call
	out, in    []byte
}

func (n *notes) Rank() int { return n.rank }
func (n *notes) Size() int { return n.size }

func (n *notes) Gather(all []byte) error {
	part := len(all) / n.size
	for r := range n.size {
		copy(all[r*part:(r+1)*part], all[n.rank*part:(n.rank+1)*part])
	}
	n.note(call{kind: "gather", size: len(all), sent: part * (n.size - 1)})
	return nil
}

func (n *notes) Exchange(out []byte, k []int, in []byte, m []int) error {
	copy(in, out)
	n.note(call{kind: "exchange", n: slices.Clone(k), m: slices.Clone(m), sent: len(out) - k[n.rank]})
	n.out, n.in = make([]byte, max(len(n.out), len(out))), make([]byte, max(len(n.in), len(in)))
	return nil
}

func (n *notes) GatherV(all []byte, k []int) error {
	n.note(call{kind: "gatherv", size: len(all), n: slices.Clone(k), sent: k[n.rank] * (n.size - 1)})
	return nil
}

func (n *notes) Bcast(b []byte, _ int) error {
	n.note(call{kind: "bcast", size: len(b), sent: len(b)})
	return nil
}

func (n *notes) Close(error) error { return nil }

func (n *notes) note(c call) {
	n.calls = append(n.calls, c)
	n.in = make([]byte, max(len(n.in), c.size))
}

// step notes the calls of one step.
func (n *notes) step(name string, size, batch int) error {
	conf, err := config.Load(name, nil)
	if err != nil {
		return err
	}
	spec, err := conf.Spec()
	if err != nil {
		return err
	}
	params, err := spec.NewParams(1)
	if err != nil {
		return err
	}
	s, err := train.NewStepper(spec, params, conf.Optim, conf.DWD, graph.Options{Batch: batch, H: size, W: size, Threads: 1, Group: dist.NewGroup(n, dist.Options{})})
	if err != nil {
		return err
	}
	defer s.Close()
	x, y := make([]float32, batch*3*size*size), make([]float32, batch*size*size)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	for i := range y {
		y[i] = float32(i % 2)
	}
	_, err = s.Step(x, y)
	return err
}

// agreement adds what train.Run exchanges before a step: whether all go on, and a clock.
func (n *notes) agreement() {
	n.calls = append([]call{{kind: "gather", size: n.size, sent: n.size - 1}, {kind: "bcast", size: 8, sent: 8}}, n.calls...)
}

// replay makes the calls of a step and returns the milliseconds of those of the sums
// and of those of the gradients.
func (n *notes) replay(c dist.Comm) (gathers, gradients float64, err error) {
	for _, k := range n.calls {
		began := time.Now()
		switch k.kind {
		case "gather":
			err = c.Gather(n.in[:k.size])
		case "bcast":
			err = c.Bcast(n.in[:k.size], 0)
		case "gatherv":
			err = c.GatherV(n.in[:k.size], k.n)
		case "exchange":
			err = c.Exchange(n.out, k.n, n.in, k.m)
		}
		if err != nil {
			return 0, 0, err
		}
		ms := float64(time.Since(began).Nanoseconds()) / 1e6
		if k.kind == "gather" || k.kind == "bcast" {
			gathers += ms
		} else {
			gradients += ms
		}
	}
	return gathers, gradients, nil
}

func (n *notes) report(name string, gathers, gradients []float64) {
	var calls, bytes [2]int
	for _, k := range n.calls {
		i := 0
		if k.kind == "exchange" || k.kind == "gatherv" {
			i = 1
		}
		calls[i]++
		bytes[i] += k.sent
	}
	all := make([]float64, len(gathers))
	for i := range all {
		all[i] = gathers[i] + gradients[i]
	}
	fmt.Printf("%s, %d ranks, %s: a step exchanges, ms as minimum / median of %d\n", name, n.size, dist.Library(), len(all))
	for _, row := range []struct {
		what         string
		calls, bytes int
		ms           []float64
	}{{"sums, agreement", calls[0], bytes[0], gathers}, {"gradients", calls[1], bytes[1], gradients}, {"all", calls[0] + calls[1], bytes[0] + bytes[1], all}} {
		slices.Sort(row.ms)
		fmt.Printf("%-16s %4d calls %6.2f MB sent by rank 0 %7.2f / %.2f ms\n", row.what, row.calls, float64(row.bytes)/1e6, row.ms[0], row.ms[len(row.ms)/2])
	}
}
