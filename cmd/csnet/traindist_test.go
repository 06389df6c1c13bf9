package main

import (
	"strings"
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
