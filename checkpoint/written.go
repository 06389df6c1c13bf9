package checkpoint

import (
	"os"

	"csnet/checkpoint/internal/safetensors"
)

// IsCheckpoint reports whether the file at path begins as one that Save wrote. The
// rest of it may be damaged.
func IsCheckpoint(path string) bool {
	meta := readMeta(path)
	return meta["format"] == Format
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
