package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"csnet/internal/dist"
)

// A csnet without MPI says how to get one with it; flags that cannot be are refused.
func TestDistWithoutMPI(t *testing.T) {
	if dist.Library() != "" {
		t.Skip("this csnet has MPI")
	}
	wrong(t, exitUsage, "CGO_ENABLED=1 CC=mpicc go build -tags mpi ./cmd/csnet", "train", "--config", "csnet-tiny", "--data", "nowhere", "--dist", "mpi")
	wrong(t, exitUsage, `--dist is "all", must be none or mpi`, "train", "--config", "csnet-tiny", "--dist", "all")
	wrong(t, exitUsage, "--dist-timeout is -1s", "train", "--config", "csnet-tiny", "--dist", "mpi", "--dist-timeout", "-1s")
}

// Launchers of other MPIs are seen through by what they set.
func TestLaunched(t *testing.T) {
	for _, c := range []struct {
		env  string
		want int
	}{
		{"", 0}, {"OMPI_COMM_WORLD_SIZE=4", 4}, {"PMI_SIZE=3", 3}, {"SLURM_STEP_NUM_TASKS=8", 0}, {"SLURM_STEP_NUM_TASKS=8 PMIX_RANK=0", 8}, {"PMI_SIZE=x", 0},
	} {
		vars := map[string]string{}
		for _, v := range strings.Fields(c.env) {
			name, value, _ := strings.Cut(v, "=")
			vars[name] = value
		}
		if got := launched(func(name string) string { return vars[name] }); got != c.want {
			t.Errorf("%s: %d, want %d", c.env, got, c.want)
		}
	}
	if err := divides(24, 5); err == nil || !strings.Contains(err.Error(), "1, 2, 3, 4, 6, 8, 12, 24 ranks") {
		t.Error(err)
	}
	if divides(24, 8) != nil {
		t.Error("24 pictures, 8 ranks")
	}
}

// onLocalRanks runs csnet train as p ranks of this process and returns their errors.
func onLocalRanks(p int, o trainOptions) []error {
	o.CPU = "auto"
	errs := make([]error, p)
	var wg sync.WaitGroup
	for rank, c := range dist.NewLocal(p) {
		wg.Go(func() {
			g := dist.NewGroup(c, dist.Options{Host: "here"})
			errs[rank] = trainOnRanks(context.Background(), o, g, streams{io.Discard, io.Discard})
			_ = g.Close(errs[rank])
		})
	}
	wg.Wait()
	return errs
}

// All that a config can ask for gives the bytes of one process on two ranks: a
// teacher, an average of the weights, sizes one after the other, several sets,
// prunings with statistics taken anew.
func TestTrainOnRanks(t *testing.T) {
	trained(t)
	for name, set := range map[string][]string{
		"plain": {"train.batch=4"},
		"all": {"train.batch=4", "train.steps=6", "train.ema=0.9", "train.distill=0.5", "train.loss={bce: 1, iou: 0.5, edge: 1, ssim: 0.2}", "data.size=[32, 48]", "data.size_milestones=[1]",
			"prune.milestones=[1]", "prune.ratios=[0.2]", "prune.criterion=gamma-gap", "prune.recalibrate=6", "data.augment.rotate=5"},
		"shares": {"train.batch=6", "dwd.mode=l1", "optim.clip=1", "optim.schedule.kind=cosine"},
	} {
		o := trainOptions{Config: "small.yaml", Data: []string{"set"}, Set: set, Threads: 1, CPU: "auto", Out: name + "-1"}
		switch name {
		case "all":
			o.Teacher = lastNet
		case "shares":
			o.Data = []string{"set:2", "other:1"}
		}
		if err := runTrain(context.Background(), withoutRanks(o), streams{io.Discard, io.Discard}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		o.Out = name + "-2"
		for rank, err := range onLocalRanks(2, o) {
			if err != nil {
				t.Errorf("%s: rank %d: %v", name, rank, err)
			}
		}
		equal(t, name+"-1/checkpoints/last.safetensors", name+"-2/checkpoints/last.safetensors")
		equal(t, name+"-1/checkpoints/best.safetensors", name+"-2/checkpoints/best.safetensors")
	}
}

func withoutRanks(o trainOptions) trainOptions {
	o.dist.Dist = "none"
	return o
}

// Nets that ranks cannot train are refused by name before anything is read or written,
// with frozen norms too; so is a batch that they cannot share.
func TestTrainOnRanksRefused(t *testing.T) {
	trained(t)
	must(t, "train", "--config", "small.yaml", "--set", "net.dialect=octave", "--data", "set", "--out", "octave")
	for _, c := range []struct {
		want string
		from string
		set  []string
	}{
		{"net.dialect is octave", "", []string{"net.dialect=octave"}},
		{"net.dialect is octave", "octave/checkpoints/last.safetensors", []string{"train.norm=frozen", "net.dialect=octave"}},
		{"net.dialect is resize", "", []string{"net.dialect=resize"}},
		{"net.norm is group", "", []string{"net.norm=group", "net.groups=1"}},
		{"train.batch is 3, which 2 ranks cannot share equally", "", []string{"train.batch=3"}},
	} {
		for rank, err := range onLocalRanks(2, trainOptions{Config: "small.yaml", From: c.from, Data: []string{"set"}, Set: c.set, Threads: 1, Out: "refused"}) {
			var usage usageError
			if !errors.As(err, &usage) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q: rank %d: %v", c.want, rank, err)
			}
		}
		absent(t, "refused")
	}
}
