package shard

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text, env string // env: NAME=VALUE, with spaces between
		want      Part
		err       string
	}{
		{text: "", want: Part{}},
		{text: "0/1", want: Part{0, 1}},
		{text: "6/7", want: Part{6, 7}},
		{text: "7/7", err: "must be 0 to 6"},
		{text: "-1/7", err: "must be 0 to 6"},
		{text: "0/0", err: "at least 1"},
		{text: "3", err: "must be I/N"},
		{text: "a/b", err: "must be I/N"},
		{text: "1/2/3", err: "must be I/N"},
		{text: "env", err: "neither"},
		{text: "env", env: "SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=7", want: Part{4, 8}},
		{text: "env", env: "SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8", want: Part{3, 8}},
		{text: "env", env: "SLURM_ARRAY_TASK_ID=8 SLURM_ARRAY_TASK_COUNT=5 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_STEP=2", want: Part{4, 5}},
		{text: "env", env: "SLURM_ARRAY_TASK_ID=17 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=17", err: "gaps"},
		{text: "env", env: "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_MAX=5", err: "run again"},
		{text: "env", env: "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=5 CSNET_SHARDS=300", want: Part{5, 300}},
		{text: "env", env: "SLURM_ARRAY_TASK_ID=x", err: `SLURM_ARRAY_TASK_ID is "x"`},
		{text: "env", env: "SLURM_ARRAY_TASK_ID=5", err: "CSNET_SHARDS"},
		{text: "env", env: "JOB_COMPLETION_INDEX=3", err: "CSNET_SHARDS"},
		{text: "env", env: "JOB_COMPLETION_INDEX=3 CSNET_SHARDS=4", want: Part{3, 4}},
		{text: "env", env: "JOB_COMPLETION_INDEX=4 CSNET_SHARDS=4", err: "env: 4/4"},
	} {
		vars := map[string]string{}
		for _, v := range strings.Fields(c.env) {
			name, value, _ := strings.Cut(v, "=")
			vars[name] = value
		}
		got, err := Parse(c.text, func(name string) string { return vars[name] })
		if c.err == "" && (err != nil || got != c.want) || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%q with %q: %v, %v, want %v, error %q", c.text, c.env, got, err, c.want, c.err)
		}
	}
}

// Every item is in one part exactly, whatever the number of parts.
func TestOf(t *testing.T) {
	list := []int{10, 11, 12, 13, 14, 15, 16}
	for n := 1; n < 10; n++ {
		var all []int
		for i := range n {
			for k, v := range list {
				if p := (Part{i, n}); p.Has(k) {
					if !slices.Contains(Of(p, list), v) {
						t.Errorf("%v lacks %d", p, v)
					}
				}
			}
			all = append(all, Of(Part{i, n}, list)...)
		}
		slices.Sort(all)
		if !slices.Equal(all, list) {
			t.Errorf("%d parts hold %v", n, all)
		}
	}
	if !slices.Equal(Of(Part{}, list), list) {
		t.Error("no part is not the whole")
	}
}
