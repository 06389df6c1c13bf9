package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"io"
)

// ReadMeta reads the __metadata__ of a file without looking at the tensors; nil
// where there is none, or what is read is no header.
func ReadMeta(r io.Reader) map[string]string {
	var word [8]byte
	if _, err := io.ReadFull(r, word[:]); err != nil {
		return nil
	}
	n := binary.LittleEndian.Uint64(word[:])
	if n > maxHeader {
		return nil
	}
	var header map[string]json.RawMessage
	if err := json.NewDecoder(io.LimitReader(r, int64(n))).Decode(&header); err != nil {
		return nil
	}
	var meta map[string]string
	if json.Unmarshal(header[metadataKey], &meta) != nil {
		return nil
	}
	return meta
}
