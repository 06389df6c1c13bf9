package onnx

import (
	"bytes"
	"io"
	"os"
)

// IsExported reports whether the file at path begins as the files of Encode do:
// with the version of the format and this producer.
func IsExported(path string) bool {
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	want := []byte{1 << 3, irVersion, 2<<3 | 2, byte(len(producer))} // field 1, a number; field 2, a text
	want = append(want, producer...)
	head := make([]byte, len(want))
	_, err = io.ReadFull(f, head)
	return err == nil && bytes.Equal(head, want)
}
