package op

// window holds rows of an op's output that the next op of a chain still needs:
// rows first to done-1, channels stride apart.
type window struct {
	buf         []float32
	stride      int
	first, done int
}

// chainFloats is about how much of a map a chain makes at a time: a part of
// the second-level cache.
const chainFloats = 48 << 10

// longest is the most ops that run in one chain, the last one aside.
const longest = 3

// pull writes rows from up to but not including to of one image's output: the
// ops of the chain make some rows each in turn, those above and below that the
// next one reads included.
func (f *Fused) pull(s *scratch, image, from, to int) {
	n := f.c * f.hw
	y := f.y[image*n:][:n]
	w := f.out[3]
	if len(f.chain) == 0 {
		f.lin.rows(y[from*w:], f.hw, f.inputs(s, f.xs[:f.nx], image), s, from, to)
		return
	}
	h, last := f.out[2], len(f.chain)-1
	align := f.chain[0].lin.align()
	group := min(max(chainFloats/(f.c*w)/8, 1)*8, to-from)
	group = (group + align - 1) / align * align
	var wins [longest]window
	first := from
	for i := last; i >= 0; i-- {
		if first = max(first-1, 0); i == 0 {
			first = first / align * align
		}
		wins[i] = window{stride: min(group+4*longest+2*align, h) * w, first: first, done: first}
		wins[i].buf = s.get(f.c * wins[i].stride)
	}
	used := s.used
	for r := from; r < to; r += group {
		end := min(r+group, to)
		for i, p := range f.chain {
			// Row end-1 reads one row further down per op between.
			upto, next := min(end+last-i+1, h), r
			if i == 0 {
				upto = (upto + align - 1) / align * align
			}
			if i < last {
				next = wins[i+1].done
			}
			win := &wins[i]
			win.drop(max(next-1, 0), f.c, w)
			if upto > win.done {
				xs := p.inputs(s, p.xs[:p.nx], image)
				if i > 0 {
					xs = wins[i-1].input(s)
				}
				p.lin.rows(win.buf[(win.done-win.first)*w:], win.stride, xs, s, win.done, upto)
				win.done = upto
			}
			s.used = used
		}
		f.lin.rows(y[r*w:], f.hw, wins[last].input(s), s, r, end)
	}
}

// input is the window as an input.
func (w *window) input(s *scratch) []input {
	s.xs = append(s.xs[:0], input{x: w.buf, hw: w.stride, first: w.first})
	return s.xs
}

// drop forgets the rows above first.
func (w *window) drop(first, channels, width int) {
	if first = min(first, w.done); first <= w.first {
		return
	}
	for c := range channels {
		p := w.buf[c*w.stride:][:w.stride]
		copy(p, p[(first-w.first)*width:(w.done-w.first)*width])
	}
	w.first = first
}
