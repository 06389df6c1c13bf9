//go:build !amd64 || noasm

package kernel

func best() Level { return Plain }

func hasBFloat16() bool { return false }

func peakFLOPs(rounds int) int { return peakGeneric(rounds) }
