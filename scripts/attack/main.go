//go:build unix

// Command attack gives csnet hostile files, flags and drawn nets and counts what
// comes of them. It is a part of scripts/campaign.sh:
//
//	attack inputs --csnet F --set DIR --run DIR --n N --seed S
//	attack specs --csnet F --set DIR --n N --seed S
//	attack whole FILE   exits 1 unless FILE is a whole PNG
//
// It works in the current folder and prints one line of a table per kind. The exit
// code is the number of wrong outcomes, at most 100.
package main

import (
	"flag"
	"fmt"
	"image/png"
	"math/rand/v2"
	"os"
	"strings"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("one of inputs, specs, whole is wanted"))
	}
	f := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	var o options
	f.StringVar(&o.csnet, "csnet", "csnet", "program to attack")
	f.StringVar(&o.set, "set", "set", "set of photos and masks")
	f.StringVar(&o.run, "run", "ref", "folder of a whole run")
	f.IntVar(&o.n, "n", 1000, "how many")
	f.StringVar(&o.only, "only", "", "inputs: the kinds whose names begin so")
	f.BoolVar(&o.verbose, "v", false, "say what comes of each")
	seed := f.Uint64("seed", 1, "of what is drawn")
	_ = f.Parse(os.Args[2:]) // ends the program itself
	o.rng = rand.New(rand.NewPCG(*seed, 16))
	var wrong int
	var err error
	switch os.Args[1] {
	case "inputs":
		wrong, err = inputs(o)
	case "specs":
		wrong, err = specs(o)
	case "whole":
		err = wholePNG(f.Arg(0))
	default:
		err = fmt.Errorf("%q is none of inputs, specs, whole", os.Args[1])
	}
	if err != nil {
		fail(err)
	}
	os.Exit(min(wrong, 100))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "attack:", err)
	os.Exit(101)
}

type options struct {
	csnet, set, run string
	n               int
	only            string
	verbose         bool
	rng             *rand.Rand
}

func wholePNG(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = png.Decode(f)
	return err
}

// inputs attacks with files and flags of every kind.
func inputs(o options) (wrong int, err error) {
	a, err := newArena(o)
	if err != nil {
		return 0, err
	}
	kinds := []struct {
		name  string
		share float64 // of all inputs
		draw  func(a *arena, i int) (trial, error)
	}{
		{"photos, by predict", 0.2, photo},
		{"photos, posted to serve", 0.1, posted},
		{"masks of a set, by eval, data check and train", 0.14, mask},
		{"maps, by eval --maps", 0.06, storedMap},
		{"checkpoints, by predict, check and --resume", 0.18, damaged},
		{"PyTorch files, by import", 0.06, pickle},
		{"configs, by summary and train", 0.12, conf},
		{"logs, configs and manifests of a run, by --resume", 0.06, runFile},
		{"plans and lists", 0.02, text},
		{"numbers of flags", 0.06, number},
	}
	fmt.Println("| kind | tried | done | refused, the place named | refused, no place named | panic | above 20 s | above 1 GB | silently wrong |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	var all tally
	for _, k := range kinds {
		if !strings.HasPrefix(k.name, o.only) {
			continue
		}
		var t tally
		for i := range int(k.share*float64(o.n) + 0.5) {
			one, err := k.draw(a, i)
			if err != nil {
				return 0, fmt.Errorf("%s: %w", k.name, err)
			}
			t.add(a.try(k.name, i, one))
		}
		t.row(k.name)
		all.sum(t)
	}
	all.row("**all**")
	a.close()
	return all.wrong(), nil
}
