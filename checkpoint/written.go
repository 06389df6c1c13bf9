package checkpoint

import (
	"io"
	"os"

	"csnet/checkpoint/internal/safetensors"
)

// IsCheckpoint reports whether the file at path begins as one that Save wrote. The
// rest of it may be damaged.
func IsCheckpoint(path string) bool {
	meta := readMeta(path)
	return meta["format"] == Format
}

// IsSafetensors reports whether the file at path begins as safetensors do.
func IsSafetensors(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [9]byte
	_, err = io.ReadFull(f, head[:])
	return err == nil && safetensors.Looks(head[:])
}

// IsRelease reports whether the file at path begins as one that Export wrote.
func IsRelease(path string) bool {
	meta := readMeta(path)
	return meta["format"] == "pt" && meta["spec"] != ""
}

func readMeta(path string) map[string]string {
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	return safetensors.ReadMeta(f)
}
