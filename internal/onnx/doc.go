// Package onnx writes a net as an ONNX file and reads such files back.
//
// The file holds the net in evaluation mode, with every norm folded into the
// convolutions before it. Only operator forms are written that give the same
// numbers in ONNX Runtime, ONNX Runtime Web and OpenCV DNN; docs/onnx.md names
// them and says which forms these programs understand differently.
//
// Forward runs a file of this kind in float64 with plain loops. It is the slow
// twin that a written file is checked against.
package onnx

//go:generate protoc --go_out=onnxpb --go_opt=paths=source_relative --go_opt=Monnx.proto=csnet/internal/onnx/onnxpb --proto_path=onnxpb onnx.proto

// The versions that the file declares. Opset 13 is the lowest in which Resize
// may leave out its region of interest, and the highest that OpenCV 4.6 reads
// without gaps.
const (
	irVersion = 7
	opset     = 13
)
