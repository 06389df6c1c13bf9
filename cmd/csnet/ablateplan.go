package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"csnet/data"
	"csnet/eval"
	"csnet/internal/ablate"
	"csnet/internal/config"
	"csnet/internal/output"
	"csnet/internal/wholefile"
)

// ablation is a list at work.
type ablation struct {
	ablateOptions
	list    *ablate.List
	sets    []eval.Set
	io      streams
	dir     string
	threads int
	runs    []*ablateRun         // in the order of entries, each with its seeds
	seen    map[string]*material // training pictures that were read, by their config
}

// ablateRun is an entry with a seed.
type ablateRun struct {
	entry    ablate.Entry
	prune    *ablate.Prune // nil: the net stays whole
	dir      string
	set      []string // settings of the training
	tune     string   // config of the fine-tuning
	tuneSet  []string
	evalSize int
	sources  []string // sets that the config names
	result   ablate.Result
}

// resultFile holds a run's Result, in its folder.
const resultFile = "result.json"

// tableFiles are the files of the table, in the folder of the list.
func tableFiles() []string { return []string{"table.md", "table.tex", "table.csv", "table.json"} }

// plan makes the runs of the list, reads every config and what earlier calls left,
// and decides whether the table may be written.
func (a *ablation) plan() error {
	for _, e := range a.list.Entries {
		for _, seed := range a.list.Seeds {
			r := &ablateRun{entry: e, prune: a.list.Pruned(e), dir: filepath.Join(a.dir, e.Folder(seed))}
			if err := a.prepare(r, seed); err != nil {
				return err
			}
			a.runs = append(a.runs, r)
		}
	}
	if err := a.guard(); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	if a.DryRun {
		return nil
	}
	if err := wholefile.Probe(a.dir); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

// guard decides whether the files that the list itself writes may be written; each
// training decides about its own.
func (a *ablation) guard() error {
	g := output.Guard{Overwrite: a.Overwrite}
	for _, name := range a.Configs {
		g.Reads("the config", name)
	}
	for _, r := range a.runs {
		g.Reads("the config", r.entry.Config)
		g.Reads("the config", r.tune)
	}
	for _, dir := range a.folders() {
		if set, err := data.Find(dir); err == nil { // what is wrong with one is told when it is read
			guardSet(&g, set.Pairs)
		}
	}
	for _, name := range tableFiles() {
		if err := g.File(filepath.Join(a.dir, name), output.Kind{Name: "the table of an ablation", Is: isAblationTable}); err != nil {
			return err
		}
	}
	for _, r := range a.runs {
		if err := g.File(filepath.Join(r.dir, resultFile), output.Kind{Name: "the result of a run", Is: isAblationResult}); err != nil {
			return err
		}
		if r.prune == nil {
			continue
		}
		if err := g.File(r.pruned(), checkpointKind()); err != nil {
			return err
		}
	}
	return nil
}

// folders are those of all sets that the list reads, each once.
func (a *ablation) folders() []string {
	dirs := []string{a.Val}
	for _, s := range a.sets {
		dirs = append(dirs, s.Dir)
	}
	sources := a.Data
	if len(sources) == 0 {
		for _, r := range a.runs {
			sources = append(sources, r.sources...)
		}
	}
	for _, arg := range sources {
		if s, err := data.ParseSource(arg); err == nil {
			dirs = append(dirs, s.Dir)
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// isAblationResult reports whether the file at path is a run's result; takeOver has read
// it as one.
func isAblationResult(path string) bool {
	text, err := os.ReadFile(path)
	var r ablate.Result
	return err == nil && json.Unmarshal(text, &r) == nil && r.Settings != ""
}

// isAblationTable reports whether the file at path begins as one of tableFiles does.
func isAblationTable(path string) bool {
	text, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	switch begin := string(text[:min(len(text), 256)]); filepath.Ext(path) {
	case ".md":
		return strings.HasPrefix(begin, ablate.Mark)
	case ".tex":
		return strings.HasPrefix(begin, "% csnet ablate\n")
	case ".csv":
		return ablate.IsCSV(begin)
	default:
		var r ablate.Report
		return json.Unmarshal(text, &r) == nil && r.Title != ""
	}
}

// prepare resolves the configs of a run and takes over its result so far.
func (a *ablation) prepare(r *ablateRun, seed uint64) error {
	of := func(err error) error { return usageError{fmt.Errorf("%s: %w", r.entry.Name, err)} }
	r.set = slices.Concat(a.list.Set, r.entry.Set, a.Set, []string{fmt.Sprintf("train.seed=%d", seed)})
	conf, err := config.Load(r.entry.Config, r.set)
	if err != nil {
		return of(err)
	}
	if _, err := conf.Spec(); err != nil {
		return of(err)
	}
	r.evalSize = conf.Eval.Size
	r.sources = append([]string{conf.Data.Dir, conf.Data.Val}, conf.Data.More...)
	settings := [][]byte{conf.ForCheckpoint()}
	if r.prune != nil && r.prune.Finetune != nil {
		t := r.prune.Finetune
		r.tune, r.tuneSet = t.Config, slices.Concat(t.Set, a.Set, []string{fmt.Sprintf("train.seed=%d", seed)})
		if r.tune == "" {
			r.tune, r.tuneSet = r.entry.Config, slices.Concat(a.list.Set, r.entry.Set, r.tuneSet)
		}
		tuned, err := config.Load(r.tune, r.tuneSet)
		if err != nil {
			return of(fmt.Errorf("fine-tuning: %w", err))
		}
		settings = append(settings, tuned.ForCheckpoint())
	}
	rest, err := json.Marshal([]any{r.prune, a.list.Time, a.list.Untrained, setNames(a.sets)})
	if err != nil {
		return err
	}
	sum := sha256.New()
	for _, part := range append(settings, rest) {
		fmt.Fprintf(sum, "%d\n%s", len(part), part)
	}
	r.result = ablate.Result{Entry: r.entry.Name, Seed: seed, Settings: hex.EncodeToString(sum.Sum(nil)), Commit: build()}
	return r.takeOver()
}

func setNames(sets []eval.Set) []string {
	names := []string{}
	for _, s := range sets {
		names = append(names, s.Name)
	}
	return names
}

// takeOver reads what an earlier call left of the run. A result of other settings is
// an error: it would not belong into this table.
func (r *ablateRun) takeOver() error {
	path := filepath.Join(r.dir, resultFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var was ablate.Result
	if err := json.Unmarshal(text, &was); err != nil {
		return &output.Error{Path: path, Text: "is there and not the result of a run: choose another --out"}
	}
	if was.Settings != r.result.Settings {
		return usagef("%s: the run was made with other settings (config, --set, pruning, or sets of --eval): give those again, or choose another --out", r.dir)
	}
	if now := r.result.Commit; !was.Done && !strings.Contains(was.Commit, now) {
		was.Commit += " then " + now
	}
	was.Problem = "" // it is tried again
	r.result = was
	return nil
}

// save writes the run's result.
func (r *ablateRun) save() error {
	text, err := json.MarshalIndent(r.result, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	return writeFile(filepath.Join(r.dir, resultFile), append(text, '\n'))
}

// report is what is known so far.
func (a *ablation) report() ablate.Report {
	rep := ablate.Report{Title: a.list.Title}
	if rep.Title == "" {
		rep.Title = strings.Join(a.Configs, ", ")
	}
	for _, r := range a.runs {
		rep.Results = append(rep.Results, r.result)
	}
	return rep
}

// dryRun says what there is to run.
func (a *ablation) dryRun() error {
	if a.JSON {
		return printJSON(a.io.out, a.report())
	}
	for _, r := range a.order() {
		state := "to run"
		switch {
		case r.result.Done:
			state = "done"
		case len(r.result.Nets) > 0:
			state = "begun, is " + r.result.Nets[len(r.result.Nets)-1].Stage
		case isThere(r.lastOf("trained")):
			state = "begun"
		}
		fmt.Fprintf(a.io.text(), "%s, seed %d: %s (config %s%s)\n", r.entry.Name, r.result.Seed, state, r.entry.Config, settingsOf(r.set))
	}
	return nil
}

// settingsOf lists settings as flags.
func settingsOf(set []string) string {
	out := ""
	for _, s := range set {
		out += " --set " + shellWord(s)
	}
	return out
}

// order is that in which the runs are made: all entries with the first seed, then
// with the second, so that what is done when the time is up can be compared.
func (a *ablation) order() []*ablateRun {
	n := len(a.list.Seeds)
	var out []*ablateRun
	for s := range n {
		for i := s; i < len(a.runs); i += n {
			out = append(out, a.runs[i])
		}
	}
	return out
}
