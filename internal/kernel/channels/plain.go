//go:build !amd64 || noasm

package channels

func across(dst, src []float32, l *Line, n int) { acrossGeneric(dst, src, l, n) }

func mix(dst, x, y []float32, fx, fy float32, add bool) { mixGeneric(dst, x, y, fx, fy, add) }

func score(dst, z []float32, s *Scorer) { scoreGeneric(dst, z, s) }
