package kernel

// peakChains is how many independent multiply-adds a round of PeakFLOPs has.
const peakChains = 12

// PeakFLOPs multiplies and adds in registers alone, in chains that do not wait
// for each other, and returns how many operations it did (a multiply-add is
// two). Timed by the caller, it gives what the processor can do at the level
// in force; 1e6 rounds take some milliseconds.
func PeakFLOPs(rounds int) int { return peakFLOPs(rounds) }

func peakGeneric(rounds int) int {
	var a, b, c, d, e, f float32
	var sink float32
	for range rounds {
		a += sink * sink
		b += sink * sink
		c += sink * sink
		d += sink * sink
		e += sink * sink
		f += sink * sink
		a += sink * sink
		b += sink * sink
		c += sink * sink
		d += sink * sink
		e += sink * sink
		f += sink * sink
	}
	return max(0, rounds)*2*peakChains + int(a+b+c+d+e+f)
}
