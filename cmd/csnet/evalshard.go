package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"csnet/eval"
	"csnet/internal/shard"
)

// shardHelp is what --shard is, of predict and eval.
const shardHelp = "do one part of the list: I/N with I from 0, or env (Slurm array, Kubernetes Indexed Job; see docs/cluster.md)"

// shardOf reads --shard.
func shardOf(text string) (shard.Part, error) {
	p, err := shard.Parse(text, os.Getenv)
	if err != nil {
		return p, usagef("--shard %w", err)
	}
	return p, nil
}

// part reads --shard and checks the flags that go with it.
func (o evalOptions) part() (shard.Part, error) {
	p, err := shardOf(o.Shard)
	switch {
	case err != nil || p.Whole():
		return p, err
	case o.Out == "":
		return p, usagef("--shard needs --out, the folder where the parts come together")
	case len(o.Gates) > 0:
		return p, usagef("--gate is for all images: give it to csnet eval merge")
	}
	return p, nil
}

// evalCall is what the file of a part keeps of the command line, for merge.
type evalCall struct {
	Options evalOptions
	Read    readFlags
	Command string // of the whole, without --shard
	Folder  string // in which it was given
}

// runEvalShard scores one part and writes its file.
func runEvalShard(ctx context.Context, o evalOptions, opts eval.Options, part shard.Part, show *progress, io streams) error {
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	call, err := json.Marshal(evalCall{o, o.read, o.command, folder})
	if err != nil {
		return err
	}
	build, err := thisProgram().build()
	if err != nil {
		return err
	}
	s, err := eval.RunShard(ctx, opts, eval.Sharding{Part: part, Build: build, Call: call})
	show.done()
	if err != nil {
		return err
	}
	path, err := s.Write(o.Out)
	if err != nil {
		return err
	}
	sayUnsynced(io, path)
	for _, line := range s.Bad() {
		io.tell("note: not scored: %s", line)
	}
	if o.JSON {
		return printJSON(io.out, struct {
			Shard  int    `json:"shard"`
			Of     int    `json:"of"`
			Images int    `json:"images"`
			File   string `json:"file"`
		}{part.Index, part.Count, s.Images(), path})
	}
	io.tell("shard %s: %d images scored, written to %s; when all %d are there: csnet eval merge %s", part, s.Images(), path, part.Count, shellWord(o.Out))
	return nil
}

func newEvalMergeCommand(io streams) *cobra.Command {
	var o evalOptions
	c := &cobra.Command{
		Use:   "merge OUT",
		Short: "Make the report of all shards of a csnet eval",
		Long: `Makes of the files that csnet eval --shard I/N --out OUT wrote for all I the
tables and the report that csnet eval --out OUT would have written without shards,
to the byte. Shards that are missing, doubled or unequal (another net, set,
protocol, option or csnet) are refused by name. It runs in the folder in which the
shards ran: photos for the report are read again.`,
		Args: oneArgument("OUT"),
		RunE: func(cmd *cobra.Command, args []string) error { return runEvalMerge(cmd.Context(), o, args[0], io) },
	}
	f := c.Flags()
	f.StringArrayVar(&o.Gates, "gate", nil, "SET.[PROTOCOL.]MEASURE=V: exit 1 unless reached; repeatable")
	f.BoolVar(&o.SkipBad, "skip-bad", false, "exit 0 although files could not be scored")
	f.IntVar(&o.Threads, "threads", 0, "threads; 0 = one per core")
	f.BoolVar(&o.JSON, "json", false, "print one JSON object")
	overwriteFlag(f, &o.Overwrite)
	return c
}

// runEvalMerge merges the parts in the folder out; given has merge's own flags.
func runEvalMerge(ctx context.Context, given evalOptions, out string, io streams) error {
	shards, err := eval.ReadShards(out)
	if err != nil {
		return err
	}
	var call evalCall
	if err := json.Unmarshal(shards[0].Call, &call); err != nil {
		return fmt.Errorf("%s: shard 0 does not tell how it was called: %w", out, err)
	}
	o := call.Options
	o.read, o.command = call.Read, call.Command
	o.Out, o.SaveMaps, o.Gates, o.SkipBad, o.JSON, o.Threads, o.Overwrite = out, "", given.Gates, given.SkipBad, given.JSON, given.Threads, given.Overwrite
	job, err := o.plan(io)
	if err != nil {
		return fmt.Errorf("%w (the shards ran in %s)", err, call.Folder)
	}
	build, err := thisProgram().build()
	if err != nil {
		return err
	}
	report, err := eval.Merge(ctx, job.options, shards, build)
	if err != nil {
		if here, _ := os.Getwd(); here != call.Folder {
			err = fmt.Errorf("%w (the shards ran in %s)", err, call.Folder)
		}
		return err
	}
	for _, line := range append(eval.ShardNotes(shards), o.trainedNotes(job.options.Sets)...) {
		io.tell("note: %s", line)
	}
	return finishEval(o, report, job.gates, io)
}

// build names what the program was built from, so that two processes can tell
// whether they are the same: a clean commit, else the program's own bytes.
func (b program) build() (string, error) {
	name := fmt.Sprintf("csnet %s, commit %s, %s for %s", b.Release, b.Commit, b.Go, runtime.GOARCH)
	if !b.Modified && b.Date != "" {
		return name, nil
	}
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("the program cannot find itself: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return fmt.Sprintf("%s, with changes, program's SHA-256 %x", name, h.Sum(nil)), nil
}
