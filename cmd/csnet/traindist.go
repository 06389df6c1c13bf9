package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"csnet/graph"
	"csnet/internal/dist"
	"csnet/internal/kernel"
	"csnet/model"
	"csnet/train"
)

// distFlags are the flags of a run on several ranks.
type distFlags struct {
	Dist    string
	Timeout time.Duration
}

// silentError has been said already, or another rank says it.
type silentError struct{ error }

func (e silentError) Unwrap() error { return e.error }

// runOnRanks joins the ranks that --dist names, runs the training as one of them and
// leaves them. What all ranks end with is said by rank 0, before any of them ends: a
// launcher kills the others at the first that ends with a code other than 0.
func runOnRanks(ctx context.Context, o trainOptions, io streams) error {
	g, err := joinRanks(o.dist, io)
	if err != nil {
		return err
	}
	err = trainOnRanks(ctx, o, g, io)
	if err == nil {
		return g.Close(nil)
	}
	if isAgreed(err) {
		if g.Rank() == 0 {
			report(io, "csnet train", err)
		}
		_ = g.Gather(make([]byte, g.Size())) // the others wait here until it has been said
		_ = g.Close(nil)
		return silentError{err}
	}
	// The others wait for this rank, which nobody told: end them.
	io.tell("csnet: rank %d (%s): %v", g.Rank(), hostName(), err)
	_ = g.Close(err)
	return silentError{err}
}

// isAgreed says whether all ranks end with this error.
func isAgreed(err error) bool {
	var rank *dist.RankError
	var diverged *train.Diverged
	return errors.Is(err, context.Canceled) || errors.As(err, &rank) || errors.As(err, &diverged)
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "?"
	}
	return name
}

// joinRanks makes the group. The goroutine stays on its thread from here on, as MPI
// wants.
func joinRanks(f distFlags, io streams) (*dist.Group, error) {
	if f.Timeout < 0 {
		return nil, usagef("--dist-timeout is %v, must be 0s (wait for ever) or more", f.Timeout)
	}
	runtime.LockOSThread()
	const yield = "OMPI_MCA_mpi_yield_when_idle" // waiting ranks leave the core to threads that work
	if os.Getenv(yield) == "" {
		if err := os.Setenv(yield, "1"); err != nil {
			return nil, err
		}
	}
	c, err := dist.MPI(exitFailed)
	if err != nil {
		return nil, usagef("--dist mpi: %w", err)
	}
	if n := launched(os.Getenv); c.Size() == 1 && n > 1 {
		_ = c.Close(nil)
		return nil, usagef("--dist mpi: %d processes were launched, but %s sees one alone: mpirun is another MPI's; start it with the mpirun, or srun --mpi, of the MPI that this csnet was built with", n, dist.Library())
	}
	clock := stopwatch()
	return dist.NewGroup(c, dist.Options{
		Host: hostName(), Timeout: f.Timeout, Seconds: func() float64 { return clock().Seconds() },
		Expired: func(why string) {
			io.tell("csnet: %s (--dist-timeout); the last checkpoint is whole: --resume", why)
			os.Exit(exitFailed)
		},
	}), nil
}

// launched is how many processes the launcher says it has started, 0 when none says.
func launched(getenv func(string) string) int {
	names := []string{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}
	if getenv("PMIX_RANK") != "" {
		names = append(names, "SLURM_STEP_NUM_TASKS")
	}
	for _, name := range names {
		if n, err := strconv.Atoi(getenv(name)); err == nil {
			return n
		}
	}
	return 0
}

// trainOnRanks reads what there is to train and trains, as one of g's ranks.
func trainOnRanks(ctx context.Context, o trainOptions, g *dist.Group, out streams) error {
	undo, err := sameKernels(o.CPU, g, out)
	if err != nil {
		return err
	}
	defer undo()
	j, err := newTrainJob(o)
	if err == nil {
		err = cmp.Or(divides(j.conf.Train.Batch, g.Size()), ranksCanTrain(j.spec, g.Size()))
	}
	if err := g.Agree(err); err != nil {
		return usageError{err}
	}
	j.group, j.own = g, ctx
	sayBound(j.threads, out, g.Rank())
	hosts, err := g.Hosts()
	if err != nil {
		return err
	}
	if g.Rank() > 0 {
		out = streams{io.Discard, io.Discard}
	}
	out.tell("%s; %d pictures of every batch each; %s kernels; %s", ranksOn(hosts), j.conf.Train.Batch/g.Size(), kernel.Current(), dist.Library())
	err = j.run(ctx, out)
	if t := g.Traffic(); err == nil && t.Calls > 0 {
		out.tell("exchanged by rank 0: %d calls, %.1f MB sent, %.1f s in them, waiting included", t.Calls, float64(t.Bytes)/1e6, t.Seconds)
	}
	return err
}

// ranksOn says how many ranks run where.
func ranksOn(hosts []string) string {
	seen := make(map[string]bool)
	var names []string
	for _, h := range hosts {
		if !seen[h] {
			seen[h] = true
			names = append(names, h)
		}
	}
	if len(names) > 8 {
		return fmt.Sprintf("%d ranks on %d hosts", len(hosts), len(names))
	}
	return fmt.Sprintf("%d ranks on %s", len(hosts), strings.Join(names, ", "))
}

// sameKernels has all ranks use the instructions that all of them have: sums come in
// another order with others.
func sameKernels(flag string, g *dist.Group, io streams) (undo func(), err error) {
	undo, err = limitCPU(flag)
	if err := g.Agree(err); err != nil {
		return func() {}, usageError{err}
	}
	levels := make([]byte, g.Size())
	levels[g.Rank()] = byte(kernel.Current())
	if err := g.Gather(levels); err != nil {
		return undo, err
	}
	lowest, highest := levels[0], levels[0]
	for _, l := range levels {
		lowest, highest = min(lowest, l), max(highest, l)
	}
	if lowest < highest && g.Rank() == 0 {
		io.tell("note: ranks have %s and %s kernels; all compute with %s, to the same bits (--cpu)", kernel.Level(lowest), kernel.Level(highest), kernel.Level(lowest))
	}
	kernel.Limit(kernel.Level(lowest))
	return undo, nil
}

// divides refuses a batch that ranks cannot share equally.
func divides(batch, ranks int) error {
	if batch%ranks == 0 {
		return nil
	}
	var fit []string
	for n := 1; n <= batch; n++ {
		if batch%n == 0 {
			fit = append(fit, strconv.Itoa(n))
		}
	}
	return fmt.Errorf("train.batch is %d, which %d ranks cannot share equally: start one of %s ranks", batch, ranks, strings.Join(fit, ", "))
}

// ranksCanTrain refuses a net that several ranks cannot train together.
func ranksCanTrain(s model.Spec, ranks int) error {
	if ranks == 1 {
		return nil
	}
	return graph.CheckRanks(s)
}

// sayBound warns where the launcher has bound the rank to fewer processors than it has
// threads, or to one of many.
func sayBound(threads int, io streams, rank int) {
	have, all := runtime.NumCPU(), online()
	if have < threads || have == 1 && all > 1 {
		io.tell("warning: rank %d (%s) is bound to %d of %d CPUs and has %d threads: mpirun --bind-to none, or srun -c", rank, hostName(), have, max(all, have), threads)
	}
}

// online counts the machine's processors, 0 where that is not known.
func online() int {
	raw, err := os.ReadFile("/sys/devices/system/cpu/online") // 0-63
	if err != nil {
		return 0
	}
	text := strings.TrimSpace(string(raw))
	last, err := strconv.Atoi(text[strings.LastIndexAny(text, "-,")+1:])
	if err != nil {
		return 0
	}
	return last + 1
}

// sameOnAllRanks refuses ranks that would train something else: another csnet, config,
// net, start or other photos.
func (j *trainJob) sameOnAllRanks(o *train.Options, m *material) error {
	if j.group == nil {
		return nil
	}
	build, err := thisProgram().build()
	if err := j.group.Agree(err); err != nil {
		return err
	}
	spec, err := json.Marshal(j.spec)
	if err := j.group.Agree(err); err != nil {
		return err
	}
	step := 0
	if j.resume != nil {
		step = j.resume.Step
	}
	err = j.group.Same([][2]string{
		{"csnet", build}, {"the config", o.ConfigYAML}, {"the net", string(spec)}, {"the step", strconv.Itoa(step)}, {"the weights' SHA-256", weightsDigest(j.params)},
		{"the SHA-256 of photos and masks", m.manifest.Digest}, {"the SHA-256 of the validation's", m.valManifest.Digest},
		{"pictures to train on", strconv.Itoa(len(m.pairs))}, {"pictures to validate on", strconv.Itoa(len(m.val))},
		{"train.max_time", o.MaxTime.String()}, {"train.save_interval", o.SaveInterval.String()}, {"train.save_every", strconv.Itoa(o.SaveEvery)}, {"train.patience", strconv.Itoa(o.Patience)},
	})
	if err != nil {
		return usageError{err}
	}
	return nil
}

// first says whether this process is the one that writes files and speaks.
func (j *trainJob) first() bool { return j.group.Rank() == 0 }

// alone runs f on rank 0 and tells all ranks whether it went well.
func (j *trainJob) alone(f func() error) error {
	var err error
	if j.first() {
		err = f()
	}
	return j.group.Agree(err)
}

// inTurn runs f on rank 0 and then on the others, which find done what it has done.
func (j *trainJob) inTurn(f func() error) error {
	if err := j.alone(f); err != nil || j.group == nil {
		return err
	}
	var err error
	if !j.first() {
		err = f()
	}
	return j.group.Agree(err)
}

// share is which places of a batch the rank has; 0 and 0 are all of them.
func (j *trainJob) share() (from, to int) {
	if j.group == nil {
		return 0, 0
	}
	n := cmp.Or(j.conf.Train.Batch/j.group.Size(), 1)
	return n * j.group.Rank(), n * (j.group.Rank() + 1)
}
