package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"csnet/checkpoint/embedded"
	"csnet/data"
	"csnet/eval"
	"csnet/metrics"
)

// evalOptions are the flags of csnet eval.
type evalOptions struct {
	Checkpoints, Maps, Data []string
	Protocol, Out, SaveMaps string
	Size, Threads           int
	ResizeMaps, SkipBad     bool
	Reduce                  bool
	Gates                   []string
	JSON, Baselines         bool
	Overwrite               bool
	command                 string // as it was given
	read                    readFlags
	MapNames, MapChannel    string
	Shard                   string
}

func newEvalCommand(io streams) *cobra.Command {
	var o evalOptions
	c := &cobra.Command{
		Use:   "eval [--checkpoint [NAME=]F... | --maps [NAME=]DIR...] --data [NAME=]DIR...",
		Short: "Score nets or stored maps on data sets",
		Long: `Scores checkpoints or folders of maps on one or more data sets under the
salmetric protocol (the paper's), pysod (PySODMetrics, today's usual) or both.
With several sets a map folder holds DIR/<set NAME>/. With --out the tables,
per-image scores, curves and report.html go into a folder. With --shard one of
several processes scores its part; csnet eval merge puts the parts together.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.command = commandLine(cmd, args, "shard")
			return runEval(cmd.Context(), o, io)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.Checkpoints, "checkpoint", nil, "checkpoint to score, [NAME=]FILE; repeatable (default without --maps: the embedded model)")
	f.StringArrayVar(&o.Maps, "maps", nil, "folder of maps to score, [NAME=]DIR; repeatable")
	f.StringArrayVar(&o.Data, "data", nil, "data set, [NAME=]DIR; repeatable")
	f.Var(oneOf(&o.Protocol, "salmetric", "pysod", "both"), "protocol", "whose measures (default: the checkpoint's, else salmetric)")
	f.IntVar(&o.Size, "size", 0, "side of the net input (default: the checkpoint's eval.size, else 224)")
	f.StringVar(&o.Out, "out", "", "folder for tables, curves and report.html")
	f.StringVar(&o.SaveMaps, "save-maps", "", "folder for the maps")
	f.BoolVar(&o.ResizeMaps, "resize-maps", false, "resize maps of another size than their mask")
	f.BoolVar(&o.Reduce, "reduce", false, "reduce photos of more than 400 pixels by area first, as predict does (default: the checkpoint's eval.reduce)")
	f.BoolVar(&o.SkipBad, "skip-bad", false, "exit 0 although files could not be scored")
	f.StringArrayVar(&o.Gates, "gate", nil, "SET.[PROTOCOL.]MEASURE=V: exit 1 unless reached; repeatable")
	f.BoolVar(&o.Baselines, "baselines", false, "score all-foreground and a centred Gaussian too")
	f.IntVar(&o.Threads, "threads", 0, "threads; 0 = one per core")
	f.BoolVar(&o.JSON, "json", false, "print one JSON object")
	overwriteFlag(f, &o.Overwrite)
	f.StringVar(&o.MapNames, "map-names", "", "names of maps with * for the mask's, '*_sal' (default: found out)")
	f.Var(oneOf(&o.MapChannel, "luma", "alpha", "red", "green", "blue"), "map-channel", "channel of maps that counts (default: luma, and cut-outs and coloured maps are refused)")
	f.StringVar(&o.Shard, "shard", "", shardHelp)
	o.read.add(f)
	c.AddCommand(newEvalMergeCommand(io))
	return c
}

// methods turns the flags into what eval.Run wants, and names the protocol.
func (o evalOptions) methods(io streams) ([]eval.Method, string, error) {
	protocol := ""
	var ms []eval.Method
	for _, arg := range o.Checkpoints {
		name, path := eval.SplitNamed(arg)
		if name == "" {
			name = eval.CheckpointName(path)
		}
		n, err := loadEvalNet(path, o.Size)
		if err != nil {
			return nil, "", err
		}
		n.sayUndigested(io)
		if err := askMemory().roomForWorkers(n.Spec, n.size, max(o.Threads, 1)); err != nil {
			return nil, "", err
		}
		if protocol == "" {
			protocol = n.protocol
		}
		cost := n.Spec.Cost(n.size, n.size)
		m := eval.Method{Name: name, NewNet: n.predictor(1), Size: n.size, Reduce: n.reduce || o.Reduce, Params: cost.Params, MACs: cost.MACs}
		if path != embedded.Name {
			m.Checkpoint = path
		}
		ms = append(ms, m)
	}
	for _, arg := range o.Maps {
		name, dir := eval.SplitNamed(arg)
		if name == "" {
			name = eval.FolderName(dir)
		}
		ms = append(ms, eval.Method{Name: name, Maps: dir})
	}
	if o.Baselines {
		ms = append(ms, eval.Baselines()...)
	}
	if o.Protocol != "" {
		protocol = o.Protocol
	}
	if protocol == "" {
		protocol = eval.DefaultConfig().Protocol
	}
	return ms, protocol, nil
}

// verify checks the flags before any file is read.
func (o evalOptions) verify() ([]eval.Set, error) {
	if len(o.Data) == 0 && o.read.wholly() {
		o.Data = []string{"."}
	}
	if len(o.Data) == 0 {
		return nil, usagef("--data is missing")
	}
	if o.Size < 0 {
		return nil, usagef("--size is %d, must be above 0", o.Size)
	}
	if o.Protocol != "" {
		if _, err := metrics.ParseProtocol(o.Protocol); err != nil {
			return nil, usagef("--protocol: %w", err)
		}
	}
	var sets []eval.Set
	var names []string
	for _, arg := range o.Data {
		s := eval.NamedSet(arg)
		sets, names = append(sets, s), append(names, s.Name)
	}
	if err := eval.CheckNames("set", names); err != nil {
		return nil, usageError{err}
	}
	return sets, nil
}

func runEval(ctx context.Context, o evalOptions, io streams) error {
	part, err := o.part()
	if err != nil {
		return err
	}
	job, err := o.plan(io)
	if err != nil {
		return err
	}
	show := newProgress(io, "eval", "images", 0, -1)
	clock := stopwatch()
	job.options.Progress, job.options.Seconds = show.of, func() float64 { return clock().Seconds() }
	if !part.Whole() {
		return runEvalShard(ctx, o, job.options, part, show, io)
	}
	report, err := eval.Run(ctx, job.options)
	show.done()
	if err != nil {
		return err
	}
	for _, line := range o.trainedNotes(job.options.Sets) {
		io.tell("note: %s", line)
	}
	return finishEval(o, report, job.gates, io)
}

// evalJob is what the flags ask for.
type evalJob struct {
	options eval.Options
	gates   []eval.Gate
}

// plan turns the flags into the options of a run, without progress and clock.
func (o *evalOptions) plan(io streams) (*evalJob, error) {
	sets, err := o.verify()
	if err != nil {
		return nil, err
	}
	threads, err := threadCount(o.Threads)
	if err != nil {
		return nil, err
	}
	if len(o.Checkpoints)+len(o.Maps) == 0 {
		o.Checkpoints = []string{orEmbedded("", io)}
	}
	methods, name, err := o.methods(io)
	if err != nil {
		return nil, err
	}
	var methodNames, setNames []string
	for _, m := range methods {
		methodNames = append(methodNames, m.Name)
	}
	if err := eval.CheckNames("method", methodNames); err != nil {
		return nil, usageError{err}
	}
	for _, s := range sets {
		setNames = append(setNames, s.Name)
	}
	protocol, err := metrics.ParseProtocol(name)
	if err != nil {
		return nil, err
	}
	gates, err := eval.ParseGates(o.Gates, setNames, protocol)
	if err != nil {
		return nil, usageError{err}
	}
	how, err := o.read.options()
	if err != nil {
		return nil, err
	}
	return &evalJob{gates: gates, options: eval.Options{
		Methods: methods, Sets: sets, Protocol: protocol, Threads: threads, Mask: how.Mask, Exif: how.Exif, Folders: o.read.folders(), MapNames: o.MapNames, MapChannel: data.Channel(o.MapChannel),
		ResizeMaps: o.ResizeMaps, SaveMaps: o.SaveMaps, Report: o.Out != "", Out: o.Out, Overwrite: o.Overwrite,
	}}, nil
}

// finishEval prints and writes the report, then says what is wrong with it.
func finishEval(o evalOptions, report *eval.Report, gates []eval.Gate, io streams) error {
	table := ""
	if o.JSON {
		raw, err := report.JSON()
		if err != nil {
			return err
		}
		fmt.Fprintln(io.out, string(raw))
	} else {
		table = report.Table(io.width())
		fmt.Fprint(io.out, table)
	}
	for _, note := range report.Notes() {
		if !strings.Contains(table, note) { // not said yet
			io.tell("note: %s", note)
		}
	}
	if o.Out != "" {
		written := "report written"
		if exists(filepath.Join(o.Out, "report.html")) {
			written = "report written over an earlier one"
		}
		if err := report.WriteReport(o.Out, made(o.command)); err != nil {
			return err
		}
		sayUnsynced(io, filepath.Join(o.Out, "report.html"))
		io.tell("%s to %s; open %s in a browser", written, o.Out, filepath.Join(o.Out, "report.html"))
	}
	if o.SaveMaps != "" && o.Out == "" {
		sayUnsynced(io, o.SaveMaps)
	}
	missed := report.Missed(gates)
	for _, m := range missed {
		io.tell("gate: %s", m)
	}
	if err := report.Err(); err != nil && !o.SkipBad {
		return err
	}
	if len(missed) > 0 {
		return fmt.Errorf("%d of %d gates missed", len(missed), len(gates))
	}
	return nil
}
