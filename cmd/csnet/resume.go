package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"csnet/checkpoint"
	"csnet/internal/config"
	"csnet/internal/kernel"
	"csnet/train"
)

// loadResumed sets up a run that goes on. Its config is the one in the run's
// folder; that must be the one in its checkpoint, and what --config and --set say,
// where they are given, must agree with it, but for a longer run.
func (j *trainJob) loadResumed(o trainOptions) error {
	path := filepath.Join(j.out, "checkpoints", "last.safetensors")
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("--resume: %s holds no run to go on with: %w", j.out, err)
	}
	var err error
	if j.resume, err = checkpoint.Load(path); err != nil {
		return err
	}
	j.spec, j.params = j.resume.Spec, j.resume.Params
	j.from = j.resume.Run != nil && j.resume.Run.Trained
	file := filepath.Join(j.out, "config.yaml")
	if j.was, err = config.Load(file, nil); err != nil {
		return err
	}
	stored, err := config.LoadBytes(path+": config", []byte(j.resume.Config), nil)
	if err != nil {
		return err
	}
	if err := sameConfig(path, *stored, file, *j.was); err != nil {
		return err
	}
	if j.conf, err = config.Load(file, o.Set); err != nil {
		return usageError{err}
	}
	if o.seedGiven {
		j.conf.Train.Seed = o.Seed
	}
	if o.Config == "" {
		return nil
	}
	given, err := config.LoadOver(*j.was, o.Config, o.Set)
	if err != nil {
		return usageError{err}
	}
	return j.compareGiven(file, o.Config, *given)
}

// compareGiven refuses a --config that says otherwise than the run's own. Where
// they differ in what flags usually set, the run's value holds and is told.
func (j *trainJob) compareGiven(file, name string, given config.Config) error {
	for _, d := range config.Differences(*j.conf, given) {
		switch d.Key {
		case "train.seed", "train.steps", "train.epochs":
			j.notes = append(j.notes, fmt.Sprintf("note: %s is %s in %s, the run goes on with its own %s", d.Key, d.B, name, d.A))
		}
	}
	given.Train.Seed, given.Train.Steps, given.Train.Epochs = j.conf.Train.Seed, j.conf.Train.Steps, j.conf.Train.Epochs
	return sameConfig(file, *j.conf, name, given)
}

// sameConfig refuses configurations of which the second would change the run that
// the first describes. Longer runs are none of that, and neither is when to save or
// when to end early.
func sameConfig(wasName string, was config.Config, isName string, is config.Config) error {
	var changed []string
	for _, d := range config.Differences(was, is) {
		switch d.Key {
		case "train.steps", "train.epochs":
			if longer(was.Train, is.Train) {
				continue
			}
		case "train.patience", "train.max_time", "train.save_every", "train.save_interval":
			continue
		}
		changed = append(changed, fmt.Sprintf("%s is %s in %s and %s in %s", d.Key, d.A, wasName, d.B, isName))
	}
	if len(changed) == 0 {
		return nil
	}
	if n := len(changed); n > 6 {
		changed = append(changed[:5], fmt.Sprintf("and %d more", n-5))
	}
	return usagef("--resume goes on with the run as it is; it may only be lengthened (train.steps, train.epochs, train.patience, train.max_time), and a new run begun with --from: %s", strings.Join(changed, "; "))
}

// longer reports whether a run of is goes at least as far as one of was.
func longer(was, is train.Config) bool {
	return is.Steps >= was.Steps && is.Epochs >= was.Epochs && !(was.Steps == 0 && is.Steps > 0)
}

// sayResumed tells the notes of the job, and warns of what makes a resumed run differ from
// one never stopped and is no reason to refuse it.
func (j *trainJob) sayResumed(o train.Options, io streams) {
	for _, n := range j.notes {
		io.tell("%s", n)
	}
	if j.resume == nil {
		return
	}
	io.tell("going on after step %d", j.resume.Step)
	was := j.resume.Run
	if was == nil {
		if !sameManifest(j.resume.Manifest, o.Manifest) {
			io.tell("warning: %s is not the data that the run began with; the weights will differ from those of a run never stopped", j.conf.Data.Dir)
		}
		io.tell("note: the checkpoint is of an older csnet, without digest and state: its best score is taken from metrics.jsonl")
		return
	}
	if now := kernel.Current().String(); was.CPU != now {
		hint := ""
		if was.CPU == kernel.AVX2.String() || was.CPU == kernel.Plain.String() {
			hint = fmt.Sprintf(" (--cpu %s keeps it to that where the machine has it)", was.CPU)
		}
		io.tell("warning: the run's weights were made with %s, this csnet computes with %s: sums in another order, so they will differ from those of a run never stopped%s", was.CPU, now, hint)
	}
	if was.Build != o.Build {
		io.tell("note: the run was begun with csnet %s, this is %s", was.Build, o.Build)
	}
}
