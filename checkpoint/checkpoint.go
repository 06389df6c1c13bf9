// Package checkpoint stores a net - its Spec, tensors, config and optimizer
// state - in one safetensors file, reads the authors' released files and writes
// files with the release's names.
//
// Format "csnet/1": __metadata__ holds format, spec (JSON), config (YAML), step,
// manifest, run (JSON, of a training run) and digest; the tensors, all F32, are the parameters and running statistics
// under their paths and the moments under optim.m.<path> and optim.v.<path>. Where
// the parameters are an average over the steps, the weights that learn stand under
// optim.w.<path>. Equal checkpoints give equal files.
package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"unicode/utf8"

	"csnet/checkpoint/internal/safetensors"
	"csnet/checkpoint/internal/torchfile"
	"csnet/model"
)

// Format is the version that Save writes and Load reads.
const Format = "csnet/1"

const (
	momentM  = "optim.m."
	momentV  = "optim.v."
	learning = "optim.w."
	maxFile  = 1 << 30 // bytes
)

// OptimState is Adam's state: first and second moments by parameter path.
type OptimState struct{ M, V map[string][]float32 }

// Checkpoint is a net at one step of its training.
type Checkpoint struct {
	Spec     model.Spec
	Params   *model.Params
	Config   string // resolved, YAML, without data, output and thread settings
	Step     int    // optimizer steps taken
	Manifest string // names and hashes of the data trained on
	Optim    *OptimState
	// Raw are the weights and statistics that learn where Params are their average
	// over the steps; nil where Params learn themselves. Only a resumed run needs
	// them.
	Raw *model.Params
	Run *Run // of the training run; nil for a net that is no run's, and in files of an older csnet
	// Digest of the file that was read, verified; empty where it holds none, as those
	// of an older csnet do. Save makes its own.
	Digest string
}

// Save writes c to path whole or not at all: on any error an older file at path
// stays as it was. Errors: tensors that do not fit the Spec, values that are
// not finite, a folder that cannot be written, a full disk.
func Save(path string, c *Checkpoint) error {
	p, err := Begin(c, path)
	if err != nil {
		return err
	}
	return p.Flush()
}

func encode(c *Checkpoint) (map[string]string, []safetensors.Tensor, error) {
	spec, err := encodeSpec(c.Spec)
	if err != nil {
		return nil, nil, err
	}
	if c.Params == nil {
		return nil, nil, fmt.Errorf("has no tensors")
	}
	if err := c.Spec.CheckParams(c.Params); err != nil {
		return nil, nil, err
	}
	if c.Step < 0 {
		return nil, nil, fmt.Errorf("step is %d, must be 0 or more", c.Step)
	}
	meta := map[string]string{
		"format": Format, "spec": spec, "config": c.Config,
		"step": strconv.Itoa(c.Step), "manifest": c.Manifest,
	}
	if c.Run != nil {
		if meta[runKey], err = encodeRun(c.Run); err != nil {
			return nil, nil, err
		}
	}
	raw, err := encodeRaw(c)
	if err != nil {
		return nil, nil, err
	}
	var ts []safetensors.Tensor
	for _, t := range c.Spec.Tensors() {
		data := c.Params.Get(t.Path).Data
		if err := checkValues(t.Path, t.Role, data); err != nil {
			return nil, nil, err
		}
		ts = append(ts, safetensors.Tensor{Name: t.Path, Shape: t.Shape, F32: data})
	}
	moments, err := encodeMoments(c.Spec.Tensors(), c.Optim)
	if err != nil {
		return nil, nil, err
	}
	return meta, append(append(ts, moments...), raw...), nil
}

// encodeMoments returns the tensors of the optimizer's state, nil of none. Norms of a backbone
// have moments where they learn.
func encodeMoments(specs []model.TensorSpec, o *OptimState) ([]safetensors.Tensor, error) {
	if o == nil {
		return nil, nil
	}
	var moments []safetensors.Tensor
	for _, t := range specs {
		m, v := o.M[t.Path], o.V[t.Path]
		if !t.Role.Learned() || t.Frozen && m == nil && v == nil {
			continue
		}
		n := 1
		for _, d := range t.Shape {
			n *= d
		}
		if len(m) != n || len(v) != n {
			return nil, fmt.Errorf("optimizer state of %s has %d and %d values, the tensor %d", t.Path, len(m), len(v), n)
		}
		if err := checkMoments(t.Path, m, v); err != nil {
			return nil, err
		}
		moments = append(moments,
			safetensors.Tensor{Name: momentM + t.Path, Shape: t.Shape, F32: m},
			safetensors.Tensor{Name: momentV + t.Path, Shape: t.Shape, F32: v})
	}
	if 2*len(o.M) != len(moments) || 2*len(o.V) != len(moments) {
		return nil, fmt.Errorf("optimizer state holds %d and %d tensors, the net learns %d", len(o.M), len(o.V), len(moments)/2)
	}
	return moments, nil
}

// Load reads the checkpoint at path. It trusts nothing: layout, format, Spec,
// names, shapes, values and the digest are checked before they are used. Denormal learned
// values are flushed to 0; running statistics and moments stay as they are.
// Errors name the tensor, what was found and what is needed.
func Load(path string) (*Checkpoint, error) {
	raw, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, raw)
}

// Parse is Load for bytes that are in memory, called name in errors.
func Parse(name string, raw []byte) (*Checkpoint, error) {
	c, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", name, err)
	}
	return c, nil
}

func decode(raw []byte) (*Checkpoint, error) {
	if torchfile.Looks(raw) {
		return nil, fmt.Errorf("is a PyTorch file, must be a checkpoint of format %q (csnet import makes one of it)", Format)
	}
	if !safetensors.Looks(raw) {
		if err := notForeign(raw); err != nil {
			return nil, fmt.Errorf("%w; a checkpoint of format %q is needed", err, Format)
		}
	}
	f, err := safetensors.Parse(raw)
	if err != nil {
		return nil, err
	}
	switch format, ok := f.Meta["format"]; {
	case !ok || format == "pt":
		return nil, fmt.Errorf("is a safetensors file but no csnet checkpoint, its format must be %q (csnet import reads files with the release's names)", Format)
	case format != Format:
		return nil, fmt.Errorf("format is %q, this version reads %q", format, Format)
	}
	for _, k := range []string{"spec", "config", "step", "manifest"} {
		if _, ok := f.Meta[k]; !ok {
			return nil, fmt.Errorf("__metadata__ has no %s", k)
		}
	}
	verified := make(chan error, 1)
	go func() { verified <- verify(f) }() // takes as long as the rest
	c, err := unpack(f)
	if damage := <-verified; damage != nil {
		return nil, damage
	}
	return c, err
}

// unpack takes out of f what a checkpoint has.
func unpack(f *safetensors.File) (*Checkpoint, error) {
	var err error
	c := &Checkpoint{Config: f.Meta["config"], Manifest: f.Meta["manifest"], Digest: f.Meta[digestKey]}
	if text, ok := f.Meta[runKey]; ok {
		if c.Run, err = decodeRun(text); err != nil {
			return nil, err
		}
	}
	step := f.Meta["step"]
	if c.Step, err = strconv.Atoi(step); err != nil || c.Step < 0 || strconv.Itoa(c.Step) != step {
		return nil, fmt.Errorf("step is %q, must be a whole number from 0", step)
	}
	if c.Spec, err = decodeSpec(f.Meta["spec"], len(f.Entries)); err != nil {
		return nil, err
	}
	return c, c.fill(f)
}

// fill takes the tensors of c.Spec out of f.
func (c *Checkpoint) fill(f *safetensors.File) error {
	specs := c.Spec.Tensors()
	known := make(map[string]bool, 4*len(specs))
	var err error
	if c.Params, err = readParams(f, specs, "", known); err != nil {
		return err
	}
	if has(f, learning) {
		if c.Raw, err = readParams(f, specs, learning, known); err != nil {
			return err
		}
	}
	if has(f, momentM) || has(f, momentV) {
		if err := c.fillMoments(f, specs, known); err != nil {
			return err
		}
	}
	for _, e := range f.Entries {
		if !known[e.Name] {
			return fmt.Errorf("tensor %s %v is not part of the net that spec describes", e.Name, e.Shape)
		}
	}
	return nil
}

// readParams takes the tensors of a net whose names begin with prefix out of f
// and notes their names as known.
func readParams(f *safetensors.File, specs []model.TensorSpec, prefix string, known map[string]bool) (*model.Params, error) {
	ts := make([]*model.Tensor, 0, len(specs))
	for _, t := range specs {
		data, err := values(f, prefix+t.Path, t.Shape)
		if err != nil {
			return nil, err
		}
		if err := checkValues(prefix+t.Path, t.Role, data); err != nil {
			return nil, err
		}
		if t.Role.Learned() {
			flush(data)
		}
		ts = append(ts, &model.Tensor{Path: t.Path, Role: t.Role, Shape: t.Shape, Data: data})
		known[prefix+t.Path] = true
	}
	return model.NewParams(ts)
}

// fillMoments takes the optimizer's state out of f.
func (c *Checkpoint) fillMoments(f *safetensors.File, specs []model.TensorSpec, known map[string]bool) error {
	c.Optim = &OptimState{M: map[string][]float32{}, V: map[string][]float32{}}
	for _, t := range specs {
		if !t.Role.Learned() || t.Frozen && !has(f, momentM+t.Path) && !has(f, momentV+t.Path) {
			continue
		}
		m, err := values(f, momentM+t.Path, t.Shape)
		if err != nil {
			return err
		}
		v, err := values(f, momentV+t.Path, t.Shape)
		if err != nil {
			return err
		}
		if err := checkMoments(t.Path, m, v); err != nil {
			return err
		}
		c.Optim.M[t.Path], c.Optim.V[t.Path] = m, v
		known[momentM+t.Path], known[momentV+t.Path] = true, true
	}
	return nil
}

// encodeSpec returns the spec as JSON once it has been found sound.
func encodeSpec(s model.Spec) (string, error) {
	if err := checkSpec(s); err != nil {
		return "", err
	}
	raw, err := json.Marshal(s)
	if err != nil || !utf8.Valid(raw) {
		return "", fmt.Errorf("spec cannot be stored: %w", err)
	}
	return string(raw), nil
}

// decodeSpec reads a spec of JSON for a file of so many tensors.
func decodeSpec(text string, tensors int) (model.Spec, error) {
	var s model.Spec
	if len(text) > maxSpec {
		return s, fmt.Errorf("spec is %d bytes long, at most %d are read", len(text), maxSpec)
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return s, fmt.Errorf("spec: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return s, fmt.Errorf("spec: more text after the JSON object")
	}
	if err := checkSpec(s); err != nil {
		return s, err
	}
	if n := tensorCount(s); n > 2*tensors+1000 {
		return s, fmt.Errorf("spec needs %d tensors, the file holds %d", n, tensors)
	}
	return s, nil
}

// readFile reads a regular file of bounded size.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("checkpoint: %w", err)
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("checkpoint: %s: is not a regular file", path)
	case st.Size() > maxFile:
		return nil, fmt.Errorf("checkpoint: %s: has %d bytes, at most %d are read", path, st.Size(), maxFile)
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return raw, nil
}
