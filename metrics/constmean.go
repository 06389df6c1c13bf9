package metrics

// constantMean is what numpy gives as the mean of n values v: v, or a neighbour of v by rounding. It matters,
// because quadrantScore's rule for a flat map on a flat mask asks whether the
// variance is exactly 0 (score 1) or not (score 0), and the reference's
// variance is 0 only where its mean came out exact.
//
// numpy adds in stretches of 8192 values, each by a pairwise sum, the
// stretches one after the other.
func constantMean(v float64, n int) float64 {
	const stretch = 8192
	var sum float64
	for left := n; left > 0; left -= stretch {
		sum += pairwiseConstant(v, min(left, stretch))
	}
	return sum / float64(n)
}

// pairwiseConstant is numpy's pairwise sum of n values v: blocks of at most
// 128 are added in eight strands, larger ones are halved at a multiple of 8.
func pairwiseConstant(v float64, n int) float64 {
	if n < 8 {
		var s float64
		for range n {
			s += v
		}
		return s
	}
	if n <= 128 {
		strand := v
		for i := 8; i < n-n%8; i += 8 {
			strand += v
		}
		pair := strand + strand
		four := pair + pair
		s := four + four
		for range n % 8 {
			s += v
		}
		return s
	}
	half := n / 2
	half -= half % 8
	return pairwiseConstant(v, half) + pairwiseConstant(v, n-half)
}
