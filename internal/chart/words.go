package chart

import (
	"math"
	"strconv"
	"strings"
)

// short is a value as people write it: 0.031, 1.5k, 210k, 2.5e-4.
func short(f float64) string {
	switch a := math.Abs(f); {
	case a >= 1e9:
		return strconv.FormatFloat(f, 'g', 3, 64)
	case a > 0 && a < 1e-3:
		s := strconv.FormatFloat(f, 'e', 2, 64) // 2.50e-04
		digits, power, _ := strings.Cut(s, "e-")
		digits = strings.TrimRight(strings.TrimRight(digits, "0"), ".")
		return digits + "e-" + strings.TrimLeft(power, "0")
	case a >= 1e6:
		return strconv.FormatFloat(f/1e6, 'g', 4, 64) + "M"
	case a >= 1e4:
		return strconv.FormatFloat(f/1e3, 'g', 4, 64) + "k"
	}
	return strconv.FormatFloat(f, 'g', 4, 64)
}

// number is a coordinate with one decimal.
func number(f float64) string {
	r := math.Round(f*10) / 10
	if r == 0 {
		r = 0 // no "-0"
	}
	return strconv.FormatFloat(r, 'f', -1, 64)
}
