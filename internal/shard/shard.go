// Package shard says which part of a list one of several processes does, as a flag
// or as a cluster's scheduler tells it.
package shard

import (
	"fmt"
	"strconv"
	"strings"
)

// Part is one of Count parts of a list: the items whose place is Index, Index+Count,
// Index+2*Count and so on. The zero value is no part: the whole list.
type Part struct {
	Index int `json:"index"` // from 0 to Count-1
	Count int `json:"count"`
}

// Whole says whether the part is the whole list because none was asked for.
func (p Part) Whole() bool { return p.Count == 0 }

// String is I/N, as Parse reads it.
func (p Part) String() string { return fmt.Sprintf("%d/%d", p.Index, p.Count) }

// Has says whether the item at place i of the list, from 0, belongs to the part.
func (p Part) Has(i int) bool { return p.Whole() || i%p.Count == p.Index }

// Of returns the items of the list that belong to the part, in their order.
func Of[T any](p Part, list []T) []T {
	if p.Whole() {
		return list
	}
	var out []T
	for i := p.Index; i < len(list); i += p.Count {
		out = append(out, list[i])
	}
	return out
}

// CountVariable is the environment variable with the number of parts, for
// schedulers that do not tell it.
const CountVariable = "CSNET_SHARDS"

// Parse reads I/N with I from 0 to N-1; "" is the whole; and "env", which asks the
// environment by getenv:
//
//   - CSNET_SHARDS = N, where it is set, with I in SLURM_ARRAY_TASK_ID or
//     JOB_COMPLETION_INDEX;
//   - else a Slurm array, whose N is SLURM_ARRAY_TASK_COUNT and whose I is counted
//     from SLURM_ARRAY_TASK_MIN in steps of SLURM_ARRAY_TASK_STEP.
//
// Errors: anything else, an array of one task without CSNET_SHARDS (it is most often
// one task of many that is run again), an array with gaps.
func Parse(text string, getenv func(string) string) (Part, error) {
	switch text {
	case "":
		return Part{}, nil
	case "env":
		return fromEnvironment(environment(getenv))
	}
	index, count, ok := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(count)
	if !ok || err1 != nil || err2 != nil {
		return Part{}, fmt.Errorf("%q, must be I/N, as 0/8, or env", text)
	}
	return newPart(i, n)
}

func newPart(i, n int) (Part, error) {
	if n < 1 {
		return Part{}, fmt.Errorf("%d/%d: there must be at least 1 shard", i, n)
	}
	if i < 0 || i >= n {
		return Part{}, fmt.Errorf("%d/%d: shards are counted from 0, so this one must be 0 to %d", i, n, n-1)
	}
	return Part{Index: i, Count: n}, nil
}

// environment reads whole numbers from variables.
type environment func(string) string

// number is a variable's value; ok is false where it is not set.
func (e environment) number(name string) (v int, ok bool, err error) {
	text := e(name)
	if text == "" {
		return 0, false, nil
	}
	v, err = strconv.Atoi(text)
	if err != nil {
		return 0, false, fmt.Errorf("env: %s is %q, must be a whole number", name, text)
	}
	return v, true, nil
}

func fromEnvironment(e environment) (Part, error) {
	var v struct{ shards, id, kube, count, low, high, step int }
	var has struct{ shards, id, kube, count, low, high, step bool }
	for _, x := range []struct {
		name  string
		value *int
		has   *bool
	}{
		{CountVariable, &v.shards, &has.shards}, {"SLURM_ARRAY_TASK_ID", &v.id, &has.id}, {"JOB_COMPLETION_INDEX", &v.kube, &has.kube},
		{"SLURM_ARRAY_TASK_COUNT", &v.count, &has.count}, {"SLURM_ARRAY_TASK_MIN", &v.low, &has.low},
		{"SLURM_ARRAY_TASK_MAX", &v.high, &has.high}, {"SLURM_ARRAY_TASK_STEP", &v.step, &has.step},
	} {
		var err error
		if *x.value, *x.has, err = e.number(x.name); err != nil {
			return Part{}, err
		}
	}
	step := max(v.step, 1)
	switch {
	case has.shards && has.id:
		return named(newPart(v.id, v.shards))
	case has.shards && has.kube:
		return named(newPart(v.kube, v.shards))
	case has.kube:
		return Part{}, fmt.Errorf("env: JOB_COMPLETION_INDEX is %d of how many? set %s to the job's completions", v.kube, CountVariable)
	case !has.id:
		return Part{}, fmt.Errorf("env: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set; give --shard I/N")
	case !has.count || !has.low:
		return Part{}, fmt.Errorf("env: SLURM_ARRAY_TASK_ID is set, but SLURM_ARRAY_TASK_COUNT or _MIN is not; set %s to the number of shards", CountVariable)
	case v.count == 1:
		return Part{}, fmt.Errorf("env: this array has one task, number %d: if it is one of many that is run again, set %s to their number (sbatch --export=ALL,%s=N)", v.id, CountVariable, CountVariable)
	case has.high && (v.high-v.low)/step+1 != v.count:
		return Part{}, fmt.Errorf("env: the array has %d tasks between %d and %d, so there are gaps: set %s to the number of shards", v.count, v.low, v.high, CountVariable)
	}
	return named(newPart((v.id-v.low)/step, v.count))
}

// named puts where the numbers come from before an error.
func named(p Part, err error) (Part, error) {
	if err != nil {
		return p, fmt.Errorf("env: %w", err)
	}
	return p, nil
}
