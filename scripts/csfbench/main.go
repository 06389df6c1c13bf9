// Command csfbench is csnet as a contender of bench_csf: it runs CSF on ResNet-50, with
// drawn weights, as often as each line of its input says and answers with the times.
//
// Usage: csfbench infer|train H W THREADS
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"time"

	"csnet/graph"
	"csnet/model"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "csfbench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return errors.New("usage: csfbench infer|train H W THREADS")
	}
	var n [3]int
	for i, a := range args[1:] {
		v, err := strconv.Atoi(a)
		if err != nil {
			return err
		}
		n[i] = v
	}
	once, err := runner(args[0] == "train", n[0], n[1], n[2])
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		runs, err := strconv.Atoi(lines.Text())
		if err != nil {
			return err
		}
		times := make([]float64, runs)
		for i := range times {
			start := time.Now()
			if err := once(); err != nil {
				return err
			}
			times[i] = float64(time.Since(start).Nanoseconds()) / 1e6
		}
		if err := answer(times); err != nil {
			return err
		}
	}
	return lines.Err()
}

// answer prints times and the peak of memory.
func answer(times []float64) error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	kib := 0.0
	if m := regexp.MustCompile(`VmHWM:\s+(\d+)`).FindSubmatch(status); m != nil {
		kib, _ = strconv.ParseFloat(string(m[1]), 64)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"times_ms": times, "rss_mb": kib * 1024 / 1e6})
}

// runner returns a run of the net on a drawn picture: forward, or a step without the
// optimizer's.
func runner(train bool, h, w, threads int) (func() error, error) {
	a := model.DefaultArch()
	a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, "resnet50", model.Resize, model.GroupNorm, 32
	s, err := a.Spec()
	if err != nil {
		return nil, err
	}
	p, err := s.NewParams(1)
	if err != nil {
		return nil, err
	}
	net, err := graph.Build(s, p, graph.Options{Batch: 1, H: h, W: w, Train: train, FrozenNorms: train, Threads: threads, Frozen: !train})
	if err != nil {
		return nil, err
	}
	x, y := make([]float32, 3*h*w), make([]float32, h*w)
	for i := range x {
		x[i] = float32(math.Sin(0.37 * float64(i)))
	}
	return func() error {
		if train {
			_, err := net.Step(x, y)
			return err
		}
		_, err := net.Forward(x)
		return err
	}, nil
}
