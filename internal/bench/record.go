package bench

import (
	"math"
	"slices"
	"time"
)

// recorder keeps the times of runs and of the ops in them, in ms. The ops
// come in the same order in every run, once or once for each image.
type recorder struct {
	rows     []opTimes
	at       int  // row of the op in work
	again    bool // not the first image of the run
	runs     []float64
	overhead []float64 // what a run took beyond its ops
	clock    func() time.Duration
	run, op  time.Duration // when they began
	inOps    time.Duration // in this run
}

// opTimes are the times of one op in one pass.
type opTimes struct {
	op       string
	backward bool
	ms       []float64
}

func (r *recorder) reset() { *r = recorder{rows: slices.Grow(r.rows[:0], len(r.rows)), clock: r.clock} }

func (r *recorder) begin() {
	r.at, r.inOps, r.again = 0, 0, false
	r.run = r.clock()
}

func (r *recorder) end() {
	d := r.clock() - r.run
	r.runs = append(r.runs, ms(d))
	r.overhead = append(r.overhead, ms(d-r.inOps))
}

// event is told of every op.
func (r *recorder) event(op string, backward, begin bool) {
	if begin {
		r.op = r.clock()
		return
	}
	d := r.clock() - r.op
	r.inOps += d
	if r.at > 0 && !backward && op == r.rows[0].op {
		r.at, r.again = 0, true
	}
	if r.at == len(r.rows) {
		r.rows = append(r.rows, opTimes{op: op, backward: backward})
	}
	row := &r.rows[r.at]
	if r.again {
		row.ms[len(row.ms)-1] += ms(d)
	} else {
		row.ms = append(row.ms, ms(d))
	}
	r.at++
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// median returns the median of xs, NaN of none.
func median(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	if n == 0 {
		return math.NaN()
	}
	return (s[(n-1)/2] + s[n/2]) / 2
}
