package kernel

// peakChains is how many independent multiply-adds a round of PeakFLOPs has.
const peakChains = 12

// PeakFLOPs multiplies and adds in registers alone, in chains that do not wait
// for each other, and returns how many operations it did (a multiply-add is
// two). Timed by the caller, it gives what the processor can do at the level
// in force; 1e6 rounds take some milliseconds.
func PeakFLOPs(rounds int) int { return peakFLOPs(rounds) }

func peakGeneric(rounds int) int {
	var a, b, c, d, e, f, g, h, i, j, k, l float32
	m := float32(0.5)
	for range rounds {
		a = a*m + 1
		b = b*m + 2
		c = c*m + 3
		d = d*m + 4
		e = e*m + 5
		f = f*m + 6
		g = g*m + 7
		h = h*m + 8
		i = i*m + 9
		j = j*m + 10
		k = k*m + 11
		l = l*m + 12
	}
	if a+b+c+d+e+f+g+h+i+j+k+l < 0 { // never: the sums must count as used
		return 0
	}
	return max(0, rounds) * 2 * peakChains
}
