package onnx

import (
	"fmt"
	"strconv"

	"google.golang.org/protobuf/proto"

	"csnet/internal/onnx/onnxpb"
	"csnet/model"
)

// producer is the name of the program that wrote a file.
const producer = "csnet"

// Names of the file's input and output.
const (
	Input  = "image"    // (batch, 3, height, width)
	Logits = "logits"   // (batch, 1, height, width)
	Map    = "saliency" // the same after the sigmoid, 0 to 1
)

// Options says what to write.
type Options struct {
	// Batch, H and W are the input's dimensions; 0 leaves one open, for the
	// runtime to choose. H and W must be multiples of the net's Multiple.
	Batch, H, W int
	Sigmoid     bool // the output is the saliency, 0 to 1, instead of logits
	Normalize   bool // the input is RGB of 0 to 255 instead of normalised values
	Half        bool // weights are stored in 16 bits
}

// imageNet returns the mean and standard deviation that channel c of RGB in 0 to
// 1 is normalised with: those of ImageNet.
func imageNet(c int) (mean, std float64) {
	return [3]float64{0.485, 0.456, 0.406}[c], [3]float64{0.229, 0.224, 0.225}[c]
}

// Normalize returns what the net reads for the value v, 0 to 255, of channel c
// of RGB.
func Normalize(v float64, c int) float64 {
	mean, std := imageNet(c)
	return (v/255 - mean) / std
}

// Encode returns the net as an ONNX model. The input "image" has the shape
// (batch, 3, height, width); the output is "logits" or, with Sigmoid,
// "saliency", both (batch, 1, height, width). Equal nets and options give equal
// bytes.
//
// It fails where the spec is not one that can be built, where params are not
// its tensors, or where a fixed height or width is not a multiple of
// spec.Multiple.
func Encode(spec model.Spec, params *model.Params, o Options) ([]byte, error) {
	if err := check(spec, params, o); err != nil {
		return nil, err
	}
	b := &builder{graph: &onnxpb.GraphProto{Name: proto.String("csnet")}, half: o.Half}
	b.graph.Input = []*onnxpb.ValueInfoProto{image(Input, spec.Input, o)}
	t := translator{builder: b, spec: spec, params: params, batch: o.Batch}
	x := Input
	if o.H > 0 && o.W > 0 {
		b.sizes = map[string][2]int{x: {o.H, o.W}}
	}
	if o.Normalize {
		x = t.normalize(x)
	}
	out := Logits
	if o.Sigmoid {
		out = Map
	}
	t.net(x, out, o.Sigmoid)
	if b.err != nil {
		return nil, b.err
	}
	b.graph.Output = []*onnxpb.ValueInfoProto{image(out, 1, o)}
	m := &onnxpb.ModelProto{
		IrVersion:     proto.Int64(irVersion),
		OpsetImport:   []*onnxpb.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(opset)}},
		ProducerName:  proto.String(producer),
		Graph:         b.graph,
		MetadataProps: metadata(spec, o),
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

func check(spec model.Spec, params *model.Params, o Options) error {
	if err := spec.Validate(); err != nil {
		return err
	}
	if err := spec.CheckParams(params); err != nil {
		return err
	}
	if spec.Input != 3 && o.Normalize {
		return fmt.Errorf("onnx: the net reads %d channels, must be 3 to normalise RGB", spec.Input)
	}
	m := spec.Multiple()
	for _, side := range []int{o.H, o.W} {
		if side < 0 || side%m != 0 {
			return fmt.Errorf("onnx: input is %dx%d, both sides must be multiples of %d", o.H, o.W, m)
		}
	}
	if o.H > 0 && o.W > 0 {
		if err := spec.CheckSize(o.H, o.W); err != nil {
			return fmt.Errorf("onnx: %w", err)
		}
	}
	if o.Batch == 0 && Sized(spec, o) {
		m := spec.Coarsest()
		return fmt.Errorf("onnx: input is %dx%d, both sides must be multiples of %d where the batch is left open: the file holds the sizes of its maps, batch included", o.H, o.W, m)
	}
	if o.Batch < 0 {
		return fmt.Errorf("onnx: batch is %d, must be at least 1, or 0 to leave it open", o.Batch)
	}
	return nil
}

// Sized reports whether the file runs at its own size alone, for it holds the sizes of its
// maps: nets of the dialect Resize at sides that do not halve evenly.
func Sized(spec model.Spec, o Options) bool {
	m := spec.Coarsest()
	return spec.Dialect == model.Resize && o.H > 0 && o.W > 0 && (o.H%m != 0 || o.W%m != 0)
}

// metadata says in words what a reader needs to feed the net.
func metadata(spec model.Spec, o Options) []*onnxpb.StringStringEntryProto {
	input := "RGB, channels first, each value v of 0..255 as (v/255 - mean)/std, mean 0.485 0.456 0.406, std 0.229 0.224 0.225"
	if o.Normalize {
		input = "RGB, channels first, float32 values of 0..255"
	}
	output := "logits; the saliency is 1/(1+exp(-logit))"
	if o.Sigmoid {
		output = "saliency of 0..1"
	}
	size := "any"
	if o.H > 0 && o.W > 0 {
		size = fmt.Sprintf("%d x %d", o.H, o.W)
	}
	m := spec.Coarsest()
	rule := "height and width must be multiples of " + strconv.Itoa(m) + ": other sizes fail, or give a map of another size"
	if Sized(spec, o) {
		rule = "no other size"
	}
	var ps []*onnxpb.StringStringEntryProto
	for _, kv := range [][2]string{
		{"input", input},
		{"input_size", size + "; " + rule},
		{"resize", "bilinear with half-pixel centres, without anti-aliasing; resize the map back to the photo's size in the same way"},
		{"output", output},
		{"parameters", strconv.Itoa(spec.Cost(m, m).Params)},
	} {
		ps = append(ps, &onnxpb.StringStringEntryProto{Key: proto.String(kv[0]), Value: proto.String(kv[1])})
	}
	return ps
}
