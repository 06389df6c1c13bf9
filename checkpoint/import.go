package checkpoint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"csnet/checkpoint/internal/safetensors"
	"csnet/checkpoint/internal/torchfile"
	"csnet/model"
)

// importConfig is the config of an imported net: the release's input size.
const importConfig = "eval:\n  size: 224\n"

const counter = ".num_batches_tracked"

// Import reads a file with the release's names - a .pth.tar or .pt of PyTorch,
// or safetensors as Export writes - and returns the net at step 0, without an
// optimizer. No code of the file is run. The Spec is that of __metadata__ where
// there is one, else what ReleaseSpec finds. A "module." before every name
// (DataParallel) is dropped, num_batches_tracked is ignored, denormal learned
// values are flushed to 0. Errors name the opcode and offset, or the tensor.
func Import(path string) (*Checkpoint, error) {
	raw, err := readFile(path)
	if err != nil {
		return nil, err
	}
	c, err := importRaw(raw)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	return c, nil
}

func importRaw(raw []byte) (*Checkpoint, error) {
	if safetensors.Looks(raw) {
		return importSafetensors(raw)
	}
	if len(raw) == 0 {
		return nil, fmt.Errorf("is empty, must be a file of torch.save or safetensors")
	}
	ts, err := torchfile.Read(raw)
	if err != nil {
		return nil, fmt.Errorf("read as a PyTorch file: %w", err)
	}
	released := make(map[string]ReleaseTensor, len(ts))
	for name, t := range ts {
		if strings.HasSuffix(name, counter) {
			continue
		}
		if t.DType != "F32" {
			return nil, fmt.Errorf("tensor %s has dtype %s, must be F32", name, t.DType)
		}
		released[name] = ReleaseTensor{Shape: t.Shape, Data: t.Data}
	}
	return fromRelease(released, nil)
}

func importSafetensors(raw []byte) (*Checkpoint, error) {
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
	released := make(map[string]ReleaseTensor, len(f.Entries))
	for _, e := range f.Entries {
		if strings.HasSuffix(e.Name, counter) {
			continue
		}
		if e.DType != "F32" {
			return nil, fmt.Errorf("tensor %s has dtype %s, must be F32", e.Name, e.DType)
		}
		released[e.Name] = ReleaseTensor{Shape: e.Shape, Data: e.F32()}
	}
	text, ok := f.Meta["spec"]
	if !ok {
		return fromRelease(released, nil)
	}
	s, err := decodeSpec(text, len(f.Entries))
	if err != nil {
		return nil, err
	}
	return fromRelease(released, &s)
}

// fromRelease makes the checkpoint of all tensors of a file.
func fromRelease(ts map[string]ReleaseTensor, s *model.Spec) (*Checkpoint, error) {
	ts = withoutModule(ts)
	if s == nil {
		shapes := make(map[string][]int, len(ts))
		for name, t := range ts {
			shapes[name] = t.Shape
		}
		found, err := ReleaseSpec(shapes)
		if err != nil {
			return nil, err
		}
		s = &found
	}
	used := map[string]bool{}
	p, err := ReleaseParams(*s, func(name string) (ReleaseTensor, bool) {
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
	for _, t := range p.All() {
		if err := checkValues(t.Path, t.Role, t.Data); err != nil {
			return nil, err
		}
		if t.Role.Learned() {
			flush(t.Data)
		}
	}
	return &Checkpoint{Spec: *s, Params: p, Config: importConfig}, nil
}

// withoutModule drops the "module." of DataParallel when all names have it.
func withoutModule(ts map[string]ReleaseTensor) map[string]ReleaseTensor {
	out := make(map[string]ReleaseTensor, len(ts))
	for name, t := range ts {
		short, ok := strings.CutPrefix(name, "module.")
		if !ok {
			return ts
		}
		out[short] = t
	}
	return out
}
