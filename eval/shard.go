package eval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"csnet/internal/kernel"
	"csnet/internal/output"
	"csnet/internal/shard"
	"csnet/metrics"
)

// Sharding says which part of every set's images a run scores, and who runs it.
type Sharding struct {
	Part  shard.Part
	Build string          // of the program: parts that other builds scored do not merge
	Call  json.RawMessage // how the caller makes the Options of the whole again; kept as it is
}

// shardFormat names the kind of file.
const shardFormat = "csnet-eval-shard/1"

// Shard is what one part of the images of every set scored, as a file holds it.
type Shard struct {
	Format  string          `json:"format"`
	Part    shard.Part      `json:"part"`
	Facts   [][2]string     `json:"facts"` // what must be equal in all parts, as name and value
	Call    json.RawMessage `json:"call"`
	Kernels string          `json:"kernels"` // that the processor allowed
	Methods []shardMethod   `json:"methods"`

	file string // that it was read from
}

// shardMethod is what one method scored.
type shardMethod struct {
	Timed   int        `json:"timed"`
	Seconds float64    `json:"seconds"`
	Sets    []shardSet `json:"sets"`
}

// shardSet is what one method scored on one set. The sums are those of
// metrics.Aggregate.MarshalBinary, absent for no images.
type shardSet struct {
	Images   []shardImage `json:"images"`
	All      []byte       `json:"all,omitempty"`
	Objects  []byte       `json:"objects,omitempty"`
	Gaussian []byte       `json:"gaussian,omitempty"`
}

// shardImage is an ImageScore.
type shardImage struct {
	Stem   string         `json:"stem"`
	Scores metrics.Scores `json:"scores"`
	Fit    string         `json:"fit,omitempty"`
	NoSm   bool           `json:"no_sm,omitempty"`
	File   string         `json:"file,omitempty"`
	Err    string         `json:"error,omitempty"`
}

// RunShard scores one part of the images of every set: those whose place in the
// list, by stem, is Part's. All files are found and the masks looked at as Run does,
// so that what depends on the whole is the same in every part. Images whose files are
// bad are kept with their errors; a part may hold no image at all. Errors: as Run.
func RunShard(ctx context.Context, o Options, by Sharding) (*Shard, error) {
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
	s := &Shard{Format: shardFormat, Part: by.Part, Call: by.Call, Kernels: kernels()}
	if err := s.guard(&o); err != nil {
		return nil, err
	}
	if s.Facts, err = shardFacts(ctx, &o, tasks, by.Build); err != nil {
		return nil, err
	}
	for _, row := range tasks {
		for _, t := range row {
			t.items, t.part = shard.Of(by.Part, t.items), true
		}
	}
	count := newCounter(&o, tasks)
	for i := range o.Methods {
		scores, err := scoreMethod(ctx, &o, &o.Methods[i], tasks[i], count)
		if err != nil {
			return nil, err
		}
		m, err := packMethod(&scores)
		if err != nil {
			return nil, err
		}
		s.Methods = append(s.Methods, m)
	}
	return s, nil
}

// Images is how many images the part holds, over all sets, of one method.
func (s *Shard) Images() int {
	n := 0
	for _, set := range s.Methods[0].Sets {
		n += len(set.Images)
	}
	return n
}

// Bad lists what kept images of the part from being scored, a line each.
func (s *Shard) Bad() []string {
	var out []string
	for _, m := range s.Methods {
		for _, set := range m.Sets {
			for _, im := range set.Images {
				if im.Err != "" {
					out = append(out, im.Err)
				}
			}
		}
	}
	return out
}

// name is the part's file in the folder of the report.
func (s *Shard) name() string {
	return fmt.Sprintf("shard-%d-of-%d.json", s.Part.Index, s.Part.Count)
}

// guard decides before any work whether the part's file may be written.
func (s *Shard) guard(o *Options) error {
	g := output.Guard{Overwrite: o.Overwrite}
	kind := output.Kind{Name: "a shard of scores", Is: func(path string) bool { _, err := readShard(path); return err == nil }}
	if err := g.File(filepath.Join(o.Out, s.name()), kind); err != nil {
		return fmt.Errorf("eval: --out: %w", err)
	}
	return nil
}

// Write writes the part's file into the folder, which is made, and returns its path.
func (s *Shard) Write(dir string) (string, error) {
	path := filepath.Join(dir, s.name())
	raw, err := json.Marshal(s)
	if err != nil {
		return path, fmt.Errorf("eval: %s: %w", path, err)
	}
	return path, writeFile(path, append(raw, '\n'))
}

func packMethod(scores *methodScores) (shardMethod, error) {
	m := shardMethod{Timed: scores.timed, Seconds: scores.seconds}
	for i := range scores.sets {
		set := &scores.sets[i]
		var out shardSet
		for _, im := range set.images {
			p := shardImage{Stem: im.Stem, Scores: im.Scores, Fit: im.Fit, NoSm: im.NoSm, File: im.File}
			if im.Err != nil {
				p.Err = im.Err.Error()
			}
			out.Images = append(out.Images, p)
		}
		for _, s := range []struct {
			from *metrics.Aggregate
			to   *[]byte
		}{{&set.sum.all, &out.All}, {&set.sum.objects, &out.Objects}, {&set.sum.gaussian, &out.Gaussian}} {
			if s.from.Images() == 0 {
				continue
			}
			var err error
			if *s.to, err = s.from.MarshalBinary(); err != nil {
				return m, err
			}
		}
		m.Sets = append(m.Sets, out)
	}
	return m, nil
}

// unpack adds the set's sums and gives its lines.
func (s *shardSet) unpack(sum *totals) ([]ImageScore, error) {
	var out []ImageScore
	good := 0
	for _, im := range s.Images {
		p := ImageScore{Stem: im.Stem, Scores: im.Scores, Fit: im.Fit, NoSm: im.NoSm, File: im.File}
		if im.Err != "" {
			p.Err = errors.New(im.Err)
		} else {
			good++
		}
		out = append(out, p)
	}
	before := sum.all.Images()
	for _, s := range []struct {
		from []byte
		to   *metrics.Aggregate
	}{{s.All, &sum.all}, {s.Objects, &sum.objects}, {s.Gaussian, &sum.gaussian}} {
		if len(s.from) == 0 {
			continue
		}
		var a metrics.Aggregate
		if err := a.UnmarshalBinary(s.from); err != nil {
			return nil, err
		}
		s.to.Merge(&a)
	}
	if n := sum.all.Images() - before; n != good {
		return nil, fmt.Errorf("sums of %d images, lines of %d", n, good)
	}
	return out, nil
}

// kernels names the instruction set that the scores are computed with: between two
// of them, values of maps differ by rounding.
func kernels() string { return kernel.Current().String() }
