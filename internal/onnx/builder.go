package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/x448/float16"
	"google.golang.org/protobuf/proto"

	"csnet/internal/onnx/onnxpb"
)

// builder collects the nodes and constants of a graph. Every method adds one
// node, named after its output, and returns the name of that output.
type builder struct {
	graph *onnxpb.GraphProto
	half  bool // weights of convolutions are stored in 16 bits, each behind a Cast
	err   error
	sizes map[string][2]int // height and width of the maps, where the input's are fixed
}

// node adds an operator with one output, of the size of the first input.
func (b *builder) node(op, out string, in []string, attrs ...*onnxpb.AttributeProto) string {
	b.sized(out, in[0], func(n int) int { return n })
	b.graph.Node = append(b.graph.Node, &onnxpb.NodeProto{
		Name: proto.String(out), OpType: proto.String(op),
		Input: in, Output: []string{out}, Attribute: attrs,
	})
	return out
}

// sized notes the size of the map out, whose sides f makes of those of x.
func (b *builder) sized(out, x string, f func(n int) int) {
	if s, ok := b.sizes[x]; ok {
		b.sizes[out] = [2]int{f(s[0]), f(s[1])}
	}
}

// conv adds a convolution with weights w (out, in/groups, k, k) and a bias per
// output channel. The pads are the dilation for k = 3 and none for k = 1. The
// attributes that have defaults are written too: some runtimes want them.
func (b *builder) conv(out, x string, c convolution) string {
	pad := int64(c.dilation * (c.kernel - 1) / 2)
	shape := []int{c.out, c.in / c.groups, c.kernel, c.kernel}
	b.node("Conv", out, []string{x, b.weights(out+".w", shape, c.w), b.floats(out+".b", []int{c.out}, c.bias)},
		ints("kernel_shape", int64(c.kernel), int64(c.kernel)),
		ints("strides", int64(c.stride), int64(c.stride)),
		ints("dilations", int64(c.dilation), int64(c.dilation)),
		ints("pads", pad, pad, pad, pad),
		integer("group", int64(c.groups)))
	b.sized(out, x, func(n int) int { return (n-1)/c.stride + 1 })
	return out
}

// convolution is a 2D convolution with square kernel of odd side, padded so
// that stride 1 keeps the size.
type convolution struct {
	in, out, kernel          int
	stride, dilation, groups int
	w, bias                  []float64
}

// prelu adds x where x > 0, slope * x elsewhere, with a slope per channel. The
// slope's shape (C, 1, 1) is the only one that all runtimes read alike.
func (b *builder) prelu(out, x string, slope []float64) string {
	return b.node("PRelu", out, []string{x, b.floats(out+".slope", []int{len(slope), 1, 1}, slope)})
}

// pool adds a max or average pool ("MaxPool", "AveragePool") whose stride is
// its side k, without borders.
func (b *builder) pool(op, out, x string, k int) string {
	attrs := []*onnxpb.AttributeProto{
		ints("kernel_shape", int64(k), int64(k)), ints("strides", int64(k), int64(k)),
		ints("pads", 0, 0, 0, 0), integer("ceil_mode", 0),
	}
	b.node(op, out, []string{x}, attrs...)
	b.sized(out, x, func(n int) int { return n / k })
	return out
}

// upsample adds a bilinear enlargement by the whole factor k with half-pixel
// centres, the border repeated.
func (b *builder) upsample(out, x string, k int) string {
	return b.resize(out, x, float64(k), text("mode", "linear"), text("coordinate_transformation_mode", "half_pixel"))
}

// nearest adds an enlargement by the whole factor k that repeats every value.
func (b *builder) nearest(out, x string, k int) string {
	return b.resize(out, x, float64(k), text("mode", "nearest"), text("coordinate_transformation_mode", "asymmetric"), text("nearest_mode", "floor"))
}

// resize adds a Resize of both sides by a factor.
func (b *builder) resize(out, x string, factor float64, attrs ...*onnxpb.AttributeProto) string {
	scales := "scales" + strconv.FormatFloat(factor, 'g', -1, 64)
	if !b.has(scales) {
		b.constant(scales, []int{4}, []float64{1, 1, factor, factor}, false)
	}
	b.node("Resize", out, []string{x, "", scales}, attrs...)
	b.sized(out, x, func(n int) int { return int(float64(n) * factor) })
	return out
}

// sum adds the maps one by one: sums of three or more in one node are not safe
// in every runtime. One map is passed on.
func (b *builder) sum(out string, xs []string) string {
	y := xs[0]
	for i, x := range xs[1:] {
		name := out
		if i < len(xs)-2 {
			name = out + "." + strconv.Itoa(i)
		}
		y = b.node("Add", name, []string{y, x})
	}
	return y
}

// weights adds the weights of a convolution in the file's precision and returns
// the name to read them by.
func (b *builder) weights(name string, shape []int, v []float64) string {
	if !b.half {
		return b.floats(name, shape, v)
	}
	for _, x := range v {
		if math.Abs(x) >= 65520 && b.err == nil {
			b.err = fmt.Errorf("onnx: %s holds %g, 16 bits hold at most 65504", name, x)
		}
	}
	b.constant(name+halfSuffix, shape, v, true)
	return b.node("Cast", name, []string{name + halfSuffix}, integer("to", int64(onnxpb.TensorProto_FLOAT)))
}

// floats adds a constant of 32 bits a value and returns its name.
func (b *builder) floats(name string, shape []int, v []float64) string {
	b.constant(name, shape, v, false)
	return name
}

func (b *builder) has(name string) bool {
	for _, t := range b.graph.Initializer {
		if t.GetName() == name {
			return true
		}
	}
	return false
}

// constant adds an initializer, little-endian, of 4 or 2 bytes a value.
func (b *builder) constant(name string, shape []int, v []float64, half bool) {
	t := &onnxpb.TensorProto{Name: proto.String(name), DataType: proto.Int32(int32(onnxpb.TensorProto_FLOAT))}
	for _, d := range shape {
		t.Dims = append(t.Dims, int64(d))
	}
	if half {
		t.DataType = proto.Int32(int32(onnxpb.TensorProto_FLOAT16))
	}
	for _, x := range v {
		if half {
			t.RawData = binary.LittleEndian.AppendUint16(t.RawData, float16.Fromfloat32(float32(x)).Bits())
		} else {
			t.RawData = binary.LittleEndian.AppendUint32(t.RawData, math.Float32bits(float32(x)))
		}
	}
	b.graph.Initializer = append(b.graph.Initializer, t)
}

// integers adds a constant of 64-bit whole numbers, unless it is there, and returns its
// name.
func (b *builder) integers(name string, v ...int64) string {
	if !b.has(name) {
		t := &onnxpb.TensorProto{Name: proto.String(name), DataType: proto.Int32(int32(onnxpb.TensorProto_INT64)), Dims: []int64{int64(len(v))}}
		for _, x := range v {
			t.RawData = binary.LittleEndian.AppendUint64(t.RawData, uint64(x))
		}
		b.graph.Initializer = append(b.graph.Initializer, t)
	}
	return name
}

func ints(name string, v ...int64) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INTS.Enum(), Ints: v}
}

func integer(name string, v int64) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(v)}
}

func text(name, v string) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_STRING.Enum(), S: []byte(v)}
}

// image describes a map for the file's inputs and outputs; a dimension of 0
// stands for the name beside it.
func image(name string, channels int, o Options) *onnxpb.ValueInfoProto {
	dim := func(n int, name string) *onnxpb.TensorShapeProto_Dimension {
		if n == 0 {
			return &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: name}}
		}
		return &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: int64(n)}}
	}
	shape := &onnxpb.TensorShapeProto{Dim: []*onnxpb.TensorShapeProto_Dimension{dim(o.Batch, "batch"), dim(channels, ""), dim(o.H, "height"), dim(o.W, "width")}}
	return &onnxpb.ValueInfoProto{Name: proto.String(name), Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{
		TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(onnxpb.TensorProto_FLOAT)), Shape: shape},
	}}}
}
