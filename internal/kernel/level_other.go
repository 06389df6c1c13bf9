//go:build !amd64 || noasm

package kernel

func best() Level { return Plain }

func peakFLOPs(rounds int) int { return peakGeneric(rounds) }
