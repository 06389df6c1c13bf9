package train

// ahead is the net of a run's first steps, which is built while other things are done.
type ahead struct {
	size    int
	done    chan struct{} // closed when what follows is there
	stepper *Stepper      // nil once the run has it
	err     error
	restore func() // of limitGarbage
}

// Ahead begins to build the net of the first steps and to load their pictures, so that
// both are there when Run is called with these options; then, before the collector's target
// is set for the run (see Run), built is called. Options that resume a run, or share it with
// other ranks, are left as they are. Until Run or DropAhead is called nothing of the options
// may be changed that the net depends on, and nothing may write to Params.
func (o *Options) Ahead(built func()) {
	if o.Resume != nil || o.Group != nil || o.ahead != nil {
		return
	}
	a := &ahead{size: o.Sizes.At(0), done: make(chan struct{})}
	if o.Loader.Resize(a.size) == nil { // else Run says what is wrong with it
		o.Loader.Ahead(0, 0)
	}
	r := run{Options: *o}
	o.ahead = a
	sideBySide(r.Params) // here, for others may read them while the net is built
	go func() {
		defer close(a.done)
		a.stepper, a.err = newStepper(r.Spec, r.Params, r.Optim, r.DWD, r.netOptions(a.size, a.size))
		built()
		a.restore = limitGarbage()
	}()
}

// DropAhead ends what Ahead began, unless Run has taken it.
func (o *Options) DropAhead() {
	if o.ahead == nil {
		return
	}
	o.Loader.DropAhead()
	<-o.ahead.done
	if s := o.ahead.stepper; s != nil {
		s.Close()
	}
	o.ahead.restore()
	o.ahead = nil
}

// newStepper is NewStepper for the size, unless that was built ahead.
func (r *run) newStepper(size int) (*Stepper, error) {
	if a := r.ahead; a != nil && a.size == size {
		<-a.done
		if s := a.stepper; s != nil || a.err != nil {
			a.stepper = nil
			return s, a.err
		}
	}
	return NewStepper(r.Spec, r.Params, r.Optim, r.DWD, r.netOptions(size, size))
}
