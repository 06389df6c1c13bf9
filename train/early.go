package train

import "fmt"

// timeIsUp reports whether the run has had its time.
func (r *run) timeIsUp() bool {
	if r.MaxTime > 0 && r.now() >= r.MaxTime.Seconds() {
		r.early = fmt.Sprintf("train.max_time = %v is over", r.MaxTime)
	}
	return r.early != ""
}

// endsEarly reports whether the run ends before its last step: its time is up, or
// no validation at the last size was the best for too long.
func (r *run) endsEarly() bool {
	if r.Patience > 0 && r.stale >= r.Patience && r.size == r.Sizes.Last() {
		r.early = fmt.Sprintf("none of the last %d validations was the best (train.patience = %d)", r.stale, r.Patience)
	}
	return r.early != ""
}
