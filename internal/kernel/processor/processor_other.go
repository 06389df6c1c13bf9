//go:build (!amd64 || noasm) && !(darwin && arm64)

package processor

func name() string { return "" }

func l3Bytes() int { return 0 }
