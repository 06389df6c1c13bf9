package checkpoint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"csnet/checkpoint/internal/dtype"
	"csnet/checkpoint/internal/safetensors"
	"csnet/checkpoint/internal/torchfile"
	"csnet/model"
)

// importConfig is the config of an imported net: the release's input size.
const importConfig = "eval:\n  size: 224\n"

const counter = ".num_batches_tracked"

// Import is ImportLike without another net to take after.
func Import(path string) (*Checkpoint, error) {
	c, _, err := ImportLike(path, nil)
	return c, err
}

// ImportLike reads a file with the release's names - a .pth.tar or .pt of PyTorch,
// or safetensors as Export writes - and returns the net at step 0, without an
// optimizer. No code of the file is run. Spec and config are like's where it is
// given; else those of __metadata__ where they are there; else what ReleaseSpec
// finds and a config of the release's input size: assumed lists what the file does
// not say. Numbers of 16 and 64 bits become float32; a prefix that wrappers put
// before all names is dropped; counters of batches and operations are ignored;
// denormal learned values are flushed to 0. Errors name the opcode and offset, or
// the tensor.
func ImportLike(path string, like *Checkpoint) (c *Checkpoint, assumed []string, err error) {
	raw, err := readFile(path)
	if err != nil {
		return nil, nil, err
	}
	r, err := readForeign(raw)
	if err == nil {
		if like != nil {
			r.spec, r.config = &like.Spec, like.Config
		}
		c, err = r.checkpoint()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	return c, r.assumed(), nil
}

// foreignNet is what a file of another program holds.
type foreignNet struct {
	tensors map[string]ReleaseTensor
	spec    *model.Spec // nil: not known
	config  string      // "": not known
	digest  string
}

func importRaw(raw []byte) (*Checkpoint, error) {
	r, err := readForeign(raw)
	if err != nil {
		return nil, err
	}
	return r.checkpoint()
}

func readForeign(raw []byte) (*foreignNet, error) {
	if safetensors.Looks(raw) {
		return readSafetensors(raw)
	}
	if len(raw) == 0 {
		return nil, fmt.Errorf("is empty, must be a file of torch.save or safetensors")
	}
	if err := notForeign(raw); err != nil {
		return nil, err
	}
	ts, err := torchfile.Read(raw)
	if err != nil {
		return nil, fmt.Errorf("read as a PyTorch file: %w", err)
	}
	r := &foreignNet{tensors: make(map[string]ReleaseTensor, len(ts))}
	for name, t := range ts {
		if counts(name) {
			continue
		}
		if dtype.Width(t.DType) == 0 {
			return nil, fmt.Errorf("tensor %s has dtype %s, must be of floating-point numbers", name, t.DType)
		}
		r.tensors[name] = ReleaseTensor{Shape: t.Shape, Data: t.Data}
	}
	return r, nil
}

// counts reports whether a tensor of this name counts something, and is no part of
// a net: batches seen, or what profilers leave behind.
func counts(name string) bool {
	for _, end := range []string{counter, ".total_ops", ".total_params"} {
		if strings.HasSuffix("."+name, end) {
			return true
		}
	}
	return false
}

// assumed lists what the file does not say and was taken for granted.
func (r *foreignNet) assumed() []string {
	var out []string
	if r.config == "" {
		out = append(out, "input size 224 (eval.size)", "protocol salmetric (eval.protocol)")
	}
	if r.spec == nil {
		out = append(out, "eps of the norms 1e-05", "dilations 1, 2, 4, 8, ... in the order of the branches", "stride 2 in the 3x3 blocks from stage 2 on")
	}
	return out
}

func readSafetensors(raw []byte) (*foreignNet, error) {
	f, err := safetensors.Parse(raw)
	if err != nil {
		return nil, err
	}
	if f.Meta["format"] == Format {
		return nil, fmt.Errorf("is a csnet checkpoint already (format %q), it needs no import", Format)
	}
	if err := verify(f); err != nil {
		return nil, err
	}
	r := &foreignNet{tensors: make(map[string]ReleaseTensor, len(f.Entries)), config: f.Meta["config"], digest: f.Meta[digestKey]}
	for _, e := range f.Entries {
		if counts(e.Name) {
			continue
		}
		if dtype.Width(e.DType) == 0 {
			return nil, fmt.Errorf("tensor %s has dtype %s, must be of floating-point numbers of 16, 32 or 64 bits", e.Name, e.DType)
		}
		r.tensors[e.Name] = ReleaseTensor{Shape: e.Shape, Data: dtype.Floats(e.DType, e.Raw())}
	}
	if text, ok := f.Meta["spec"]; ok {
		s, err := decodeSpec(text, len(f.Entries))
		if err != nil {
			return nil, err
		}
		r.spec = &s
	}
	return r, nil
}

// checkpoint makes the checkpoint of all tensors of a file.
func (r *foreignNet) checkpoint() (*Checkpoint, error) {
	s, p, err := r.net()
	if err != nil {
		return nil, err
	}
	for _, t := range p.All() {
		if err := checkValues(t.Path, t.Role, t.Data); err != nil {
			return nil, err
		}
		if t.Role.Learned() {
			flush(t.Data)
		}
	}
	config := r.config
	if config == "" {
		config = importConfig
	}
	return &Checkpoint{Spec: *s, Params: p, Config: config, Digest: r.digest}, nil
}

// net finds the Spec, where the file does not say it, and cuts the tensors to it.
// Where a guessed one does not fit and a tensor is missing, the error names that one.
func (r *foreignNet) net() (*model.Spec, *model.Params, error) {
	ts := withoutPrefix(r.tensors)
	if r.spec != nil {
		p, err := allParams(*r.spec, ts)
		return r.spec, p, err
	}
	shapes := make(map[string][]int, len(ts))
	for name, t := range ts {
		shapes[name] = t.Shape
	}
	s, err := ReleaseSpec(shapes)
	var p *model.Params
	if err == nil {
		p, err = allParams(s, ts)
	}
	if err != nil {
		if missing := gap(shapes); missing != nil {
			err = missing
		}
		return nil, nil, err
	}
	return &s, p, nil
}

// allParams is ReleaseParams of tensors that must all be parts of the net.
func allParams(s model.Spec, ts map[string]ReleaseTensor) (*model.Params, error) {
	used := map[string]bool{}
	p, err := ReleaseParams(s, func(name string) (ReleaseTensor, bool) {
		used[name] = true
		t, ok := ts[name]
		return t, ok
	})
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(ts)) {
		if !used[name] && len(ts[name].Data) > 0 {
			return nil, fmt.Errorf("tensor %s %v is not part of the net", name, ts[name].Shape)
		}
	}
	return p, nil
}

// withoutPrefix drops what wrappers - DataParallel, torch.compile, training
// frameworks - put before the names, as often as all names have it.
func withoutPrefix(ts map[string]ReleaseTensor) map[string]ReleaseTensor {
	for _, prefix := range []string{"module.", "_orig_mod.", "model.", "net."} {
		out := make(map[string]ReleaseTensor, len(ts))
		for name, t := range ts {
			if short, ok := strings.CutPrefix(name, prefix); ok {
				out[short] = t
			}
		}
		if len(out) == len(ts) && len(ts) > 0 {
			return withoutPrefix(out)
		}
	}
	return ts
}
