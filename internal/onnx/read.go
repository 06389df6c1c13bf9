package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/x448/float16"
	"google.golang.org/protobuf/proto"

	"csnet/internal/onnx/onnxpb"
)

// Model is a file that was read.
type Model struct {
	graph     *onnxpb.GraphProto
	constants map[string]Tensor
	// Metadata holds the file's own words about its input and output.
	Metadata map[string]string
}

// Tensor is a map or constant in float64, row-major.
type Tensor struct {
	Shape []int
	Data  []float64
}

// NewTensor returns a tensor of zeros.
func NewTensor(shape ...int) Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return Tensor{Shape: shape, Data: make([]float64, n)}
}

// Decode reads an ONNX file as Encode writes it. It fails on other opsets and
// on constants that are not float32, float16 or int64 of the stated shape;
// operators are looked at by Forward.
func Decode(file []byte) (*Model, error) {
	var m onnxpb.ModelProto
	if err := proto.Unmarshal(file, &m); err != nil {
		return nil, fmt.Errorf("onnx: not a model: %w", err)
	}
	if m.Graph == nil || len(m.Graph.Input) != 1 || len(m.Graph.Output) != 1 {
		return nil, fmt.Errorf("onnx: the model must have a graph with one input and one output")
	}
	for _, o := range m.OpsetImport {
		if o.GetDomain() != "" || o.GetVersion() != opset {
			return nil, fmt.Errorf("onnx: opset is %q %d, must be %d", o.GetDomain(), o.GetVersion(), opset)
		}
	}
	r := &Model{graph: m.Graph, constants: map[string]Tensor{}, Metadata: map[string]string{}}
	for _, p := range m.MetadataProps {
		r.Metadata[p.GetKey()] = p.GetValue()
	}
	for _, t := range m.Graph.Initializer {
		c, err := constant(t)
		if err != nil {
			return nil, fmt.Errorf("onnx: constant %s: %w", t.GetName(), err)
		}
		r.constants[t.GetName()] = c
	}
	return r, nil
}

// constant reads an initializer of raw little-endian numbers.
func constant(t *onnxpb.TensorProto) (Tensor, error) {
	n, size := 1, 4
	var c Tensor
	switch t.GetDataType() {
	case int32(onnxpb.TensorProto_FLOAT):
	case int32(onnxpb.TensorProto_FLOAT16):
		size = 2
	case int32(onnxpb.TensorProto_INT64):
		size = 8
	default:
		return c, fmt.Errorf("type is %d, must be float32, float16 or int64", t.GetDataType())
	}
	for _, d := range t.Dims {
		if d < 1 || d > int64(len(t.RawData)) {
			return c, fmt.Errorf("shape is %v for %d bytes", t.Dims, len(t.RawData))
		}
		c.Shape = append(c.Shape, int(d))
		if n *= int(d); n > len(t.RawData) {
			break
		}
	}
	if len(t.RawData) != n*size {
		return c, fmt.Errorf("has %d bytes, shape %v needs %d", len(t.RawData), t.Dims, n*size)
	}
	c.Data = make([]float64, n)
	for i := range c.Data {
		switch size {
		case 2:
			c.Data[i] = float64(float16.Frombits(binary.LittleEndian.Uint16(t.RawData[2*i:])).Float32())
		case 4:
			c.Data[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(t.RawData[4*i:])))
		default:
			c.Data[i] = float64(int64(binary.LittleEndian.Uint64(t.RawData[8*i:])))
		}
	}
	return c, nil
}

// Size returns the input's fixed dimensions, 0 for those that are open.
func (m *Model) Size() (batch, h, w int) {
	dims := m.graph.Input[0].GetType().GetTensorType().GetShape().GetDim()
	if len(dims) != 4 {
		return 0, 0, 0
	}
	return int(dims[0].GetDimValue()), int(dims[2].GetDimValue()), int(dims[3].GetDimValue())
}

// Nodes counts the file's operators by kind.
func (m *Model) Nodes() map[string]int {
	n := map[string]int{}
	for _, node := range m.graph.Node {
		n[node.GetOpType()]++
	}
	return n
}
