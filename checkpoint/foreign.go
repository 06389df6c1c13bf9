package checkpoint

import (
	"bytes"
	"fmt"
)

// foreign names the kind of a file that is neither safetensors nor PyTorch's, with
// what to do about it, "" when it is not known.
func foreign(raw []byte) string {
	for _, k := range []struct{ magic, what string }{
		{"version https://git-lfs", "a pointer of Git LFS, not the file itself: fetch it with git lfs pull"},
		{"<!DOCTYPE", "a web page: the download went wrong"},
		{"<html", "a web page: the download went wrong"},
		{"\xef\xbb\xbf", "text with a byte order mark"},
		{"\x89HDF", "HDF5 (Keras), which csnet does not read"},
		{"\x1f\x8b", "compressed with gzip: unpack it first"},
		{"7z\xbc\xaf", "a 7z archive: unpack it first"},
		{"\x28\xb5\x2f\xfd", "compressed with Zstandard: unpack it first"},
		{"\x89PNG", "a PNG picture"},
		{"\xff\xd8\xff", "a JPEG picture"},
		{"\x93NUMPY", "an array of NumPy"},
		{"GGUF", "GGUF, which csnet does not read"},
		{"TFL3", "TensorFlow Lite, which csnet does not read"},
	} {
		if bytes.HasPrefix(raw, []byte(k.magic)) || k.magic[0] == '<' && len(raw) >= len(k.magic) && bytes.EqualFold(raw[:len(k.magic)], []byte(k.magic)) {
			return k.what
		}
	}
	switch {
	case len(raw) > 8 && string(raw[4:8]) == "TFL3":
		return "TensorFlow Lite, which csnet does not read"
	case len(raw) > 262 && string(raw[257:262]) == "ustar":
		return "a tar archive: unpack it first"
	case len(raw) > 4 && raw[0] == 8 && raw[1] < 32 && (raw[2] == 0x12 || raw[2] == 0x1a || raw[2] == 0x3a):
		return "an ONNX model: csnet writes such files and does not read them; import the net from safetensors or .pth"
	case isText(raw):
		return "text"
	}
	return ""
}

// isText reports whether raw begins as a text does.
func isText(raw []byte) bool {
	head := raw[:min(len(raw), 64)]
	for _, b := range head {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' || b == 0x7f {
			return false
		}
	}
	return len(head) >= 16
}

// notForeign is an error that names the kind of raw where it is a known one.
func notForeign(raw []byte) error {
	if what := foreign(raw); what != "" {
		return fmt.Errorf("is %s", what)
	}
	return nil
}
