//go:build !linux && !darwin

package kerneltest

func memories() []Memory { return []Memory{guardWords()} }
