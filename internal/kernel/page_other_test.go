//go:build !linux && !darwin

package kernel

func memories() []memory { return []memory{guardWords()} }
