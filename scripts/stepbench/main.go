// Command stepbench times training steps of csnet-x1 in float32 and in mixed precision: one
// process holds both nets, and every round takes a step of each, so that a busy neighbour
// meets both. It prints medians, fastest steps, and the median of the rounds' ratios:
//
//	go run ./scripts/stepbench -threads 2 -size 224 -batch 24 -rounds 20
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"slices"
	"time"

	"csnet/graph"
	"csnet/model"
)

func main() {
	log.SetFlags(0)
	threads := flag.Int("threads", 1, "threads")
	size := flag.Int("size", 224, "side of the input")
	batch := flag.Int("batch", 24, "images a step")
	rounds := flag.Int("rounds", 20, "steps of each net that are timed")
	width := flag.Float64("width", 1, "width of the net")
	flag.Parse()
	if err := run(*threads, *size, *batch, *rounds, *width); err != nil {
		log.Fatal(err)
	}
}

// run prints the times of both nets.
func run(threads, size, batch, rounds int, width float64) error {
	a := model.DefaultArch()
	a.Width = width
	spec, err := a.Spec()
	if err != nil {
		return err
	}
	var nets [2]*graph.Net
	for i := range nets {
		p, err := spec.NewParams(1)
		if err != nil {
			return err
		}
		o := graph.Options{Batch: batch, H: size, W: size, Train: true, Threads: threads, Mixed: i == 1}
		if nets[i], err = graph.Build(spec, p, o); err != nil {
			return err
		}
		defer nets[i].Close()
	}
	times, err := steps(nets, drawn(batch*3*size*size, 1), drawn(batch*size*size, 2), rounds)
	if err != nil {
		return err
	}
	var ratios []float64
	for k := range rounds {
		ratios = append(ratios, times[0][k]/times[1][k])
	}
	for i, name := range []string{"float32", "mixed"} {
		fmt.Printf("%-8s median %7.2f ms an image, fastest %7.2f\n", name, median(times[i])/float64(batch), slices.Min(times[i])/float64(batch))
	}
	fmt.Printf("float32 over mixed: %.3f, median of %d rounds\n", median(ratios), rounds)
	return nil
}

// steps returns the milliseconds of each net's steps. One round goes before those that count.
func steps(nets [2]*graph.Net, x, y []float32, rounds int) (times [2][]float64, err error) {
	for k := range rounds + 1 {
		for i := range nets {
			i = (i + k) % len(nets)
			start := time.Now()
			if _, err := nets[i].Step(x, y); err != nil {
				return times, err
			}
			if k > 0 {
				times[i] = append(times[i], float64(time.Since(start))/float64(time.Millisecond))
			}
		}
	}
	return times, nil
}

// drawn returns n numbers from 0 to 1.
func drawn(n int, seed uint64) []float32 {
	r, x := rand.New(rand.NewPCG(seed, 1)), make([]float32, n)
	for i := range x {
		x[i] = r.Float32()
	}
	return x
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}
