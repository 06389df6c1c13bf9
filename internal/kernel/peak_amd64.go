//go:build amd64 && !noasm

package kernel

func peakFLOPs(rounds int) int {
	level := Current()
	if level == Plain || rounds <= 0 {
		return peakGeneric(rounds)
	}
	var out float32
	callPeak(level, rounds, &out)
	return rounds * peakChains * level.Lanes() * 2
}
