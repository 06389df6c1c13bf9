package eval

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ReadShards reads the files of all parts from a folder. Errors, which name files:
// none there, parts of runs with other counts, parts that are missing or there twice,
// parts of unequal runs, a file that is none or is damaged.
func ReadShards(dir string) ([]*Shard, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "shard-*.json"))
	if err != nil {
		return nil, fmt.Errorf("eval: %s: %w", dir, err)
	}
	if len(paths) == 0 {
		if _, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("eval: %w", err)
		}
		return nil, fmt.Errorf("eval: %s: holds no shard (csnet eval --shard I/N --out %s writes them)", dir, dir)
	}
	slices.Sort(paths)
	shards := make([]*Shard, len(paths))
	for i, path := range paths {
		if shards[i], err = readShard(path); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(shards, func(a, b *Shard) int { return cmp.Compare(a.Part.Index, b.Part.Index) })
	return shards, complete(dir, shards)
}

func readShard(path string) (*Shard, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, fmt.Errorf("eval: %s: %w", path, err)
	}
	s := &Shard{file: path}
	if err := json.Unmarshal(raw, s); err != nil {
		return nil, fmt.Errorf("eval: %s: is no shard of scores: %w", path, err)
	}
	if s.Format != shardFormat {
		return nil, fmt.Errorf("eval: %s: format is %q, must be %q", path, s.Format, shardFormat)
	}
	if p := s.Part; p.Count < 1 || p.Index < 0 || p.Index >= p.Count {
		return nil, fmt.Errorf("eval: %s: is shard %s, which cannot be", path, p)
	}
	return s, nil
}

// complete checks that shards, by index, are the parts of one run, each once.
func complete(dir string, shards []*Shard) error {
	first := shards[0]
	have := make(map[int]*Shard)
	for _, s := range shards {
		if s.Part.Count != first.Part.Count {
			return fmt.Errorf("eval: %s is of %d shards, %s of %d: the folder holds two runs; remove the files of one", first.file, first.Part.Count, s.file, s.Part.Count)
		}
		if other := have[s.Part.Index]; other != nil {
			return fmt.Errorf("eval: %s and %s are both shard %s", other.file, s.file, s.Part)
		}
		have[s.Part.Index] = s
	}
	var missing []string
	for i := range first.Part.Count {
		if have[i] == nil {
			missing = append(missing, fmt.Sprint(i))
		}
	}
	if n := len(missing); n > 0 {
		const most = 20
		if n > most {
			missing = append(missing[:most], "...")
		}
		return fmt.Errorf("eval: %s: %d of %d shards are missing: %s (csnet eval ... --shard %s/%d makes one)",
			dir, n, first.Part.Count, strings.Join(missing, ", "), missing[0], first.Part.Count)
	}
	for _, s := range shards[1:] {
		if name, a, b, ok := differing(first.Facts, s.Facts); ok {
			return fmt.Errorf("eval: %s and %s do not belong together: %s is %q in one, %q in the other; run the wrong one again", first.file, s.file, name, a, b)
		}
	}
	return nil
}

// ShardNotes tells what a reader must know of how the parts were scored, a line each.
func ShardNotes(shards []*Shard) []string {
	for _, s := range shards[1:] {
		if s.Kernels != shards[0].Kernels {
			return []string{fmt.Sprintf("%s was scored with %s kernels, %s with %s: the last digits may be others than those of one processor", shards[0].file, shards[0].Kernels, s.file, s.Kernels)}
		}
	}
	return nil
}

// Merge makes the report that Run gives with the same options, of the parts that
// ReadShards read: equal bytes, but for what a clock told. The files of the sets must
// be where they were: photos of the report are read again, and its nets draw their
// maps anew. Errors: as Run; options, files or a build that are not those of the parts.
func Merge(ctx context.Context, o Options, shards []*Shard, build string) (*Report, error) {
	if err := o.verify(); err != nil {
		return nil, err
	}
	tasks, err := plan(ctx, &o)
	if err != nil {
		return nil, err
	}
	if err := o.guard(tasks); err != nil {
		return nil, err
	}
	facts, err := shardFacts(ctx, &o, tasks, build)
	if err != nil {
		return nil, err
	}
	if name, is, was, ok := differing(facts, shards[0].Facts); ok {
		return nil, fmt.Errorf("eval: %s: %s is %q, was %q when the shards were scored", shards[0].file, name, is, was)
	}
	scores := make([]methodScores, len(o.Methods))
	for i := range o.Methods {
		if scores[i], err = mergeMethod(shards, i, tasks[i]); err != nil {
			return nil, err
		}
	}
	return newReport(ctx, &o, tasks, scores)
}

// mergeMethod puts the lines of method i in the order of the tasks' items, and adds
// the sums.
func mergeMethod(shards []*Shard, i int, tasks []*task) (methodScores, error) {
	var out methodScores
	lines := make([][][]ImageScore, len(tasks)) // by task, then part
	out.sets = make([]setScores, len(tasks))
	for _, s := range shards {
		if i >= len(s.Methods) || len(s.Methods[i].Sets) != len(tasks) {
			return out, fmt.Errorf("eval: %s: is damaged: scores of a method or set are not there", s.file)
		}
		out.timed += s.Methods[i].Timed
		out.seconds += s.Methods[i].Seconds
		for k := range tasks {
			got, err := s.Methods[i].Sets[k].unpack(&out.sets[k].sum)
			if err != nil {
				return out, fmt.Errorf("eval: %s: is damaged: %w", s.file, err)
			}
			lines[k] = append(lines[k], got)
		}
	}
	for k, t := range tasks {
		set := &out.sets[k]
		for j, it := range t.items {
			of, at := j%len(shards), j/len(shards)
			if at >= len(lines[k][of]) || lines[k][of][at].Stem != it.stem {
				return out, fmt.Errorf("eval: %s: is damaged: the line of %s is not there", shards[of].file, it.stem)
			}
			set.images = append(set.images, lines[k][of][at])
		}
		if err := t.scored(set); err != nil {
			return out, err
		}
	}
	return out, nil
}
