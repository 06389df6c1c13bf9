package train

import "csnet/internal/tensorboard"

// Sample is a picture for the event file: a validation picture with what the net
// makes of it.
type Sample struct {
	Name string // the same for the same picture at every step
	W, H int    // pixels
	PNG  []byte // the picture, RGB
}

// samples adds the run's sample pictures, if it has some, to the event file.
func (r *run) samples() error {
	if r.events.board == nil || r.Samples == nil {
		return nil
	}
	list, err := r.Samples(r.learned())
	if err != nil {
		return err
	}
	var values []tensorboard.Value
	for _, s := range list {
		values = append(values, tensorboard.PNG("sample/"+s.Name, s.W, s.H, s.PNG))
	}
	return r.events.board.Write(r.step, r.wall(), values...)
}
