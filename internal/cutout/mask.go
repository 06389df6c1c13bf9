package cutout

// Otsu returns the threshold that divides a map's values into two classes with the
// largest variance between them (Otsu, 1979): foreground is what lies above it. A
// map of one value has the threshold 127.
func Otsu(m []uint8) uint8 {
	var count [256]float64
	sum := 0.0
	for _, v := range m {
		count[v]++
		sum += float64(v)
	}
	best, at, ends := 0.0, 127, 127
	below, sumBelow := 0.0, 0.0
	for t := range 255 {
		below += count[t]
		sumBelow += count[t] * float64(t)
		above := float64(len(m)) - below
		if below == 0 || above == 0 {
			continue
		}
		d := sumBelow/below - (sum-sumBelow)/above
		switch v := below * above * d * d; {
		case v > best:
			best, at, ends = v, t, t
		case v == best: // nothing lies between the classes: the middle of the gap
			ends = t
		}
	}
	if best == 0 {
		return 127
	}
	return uint8((at + ends) / 2)
}

// Threshold writes 255 to dst where the map is above t and 0 elsewhere.
func Threshold(dst, m []uint8, t uint8) {
	for i, v := range m {
		dst[i] = 0
		if v > t {
			dst[i] = 255
		}
	}
}
