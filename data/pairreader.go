package data

// PairReader reads one pair after another in memory that is kept. It serves one goroutine;
// the zero value is ready.
type PairReader struct{ reader reader }

// Read is ReadPair; what it returns holds until the next pair is read, or, after Keep, for
// good.
func (r *PairReader) Read(p Pair) (*Photo, *Mask, PairInfo, error) {
	photo, mask, info, err := r.reader.readPair(p)
	if err != nil {
		return nil, nil, info, err
	}
	ph, m := *photo, *mask
	return &ph, &m, info, nil
}

// Truth is ReadTruth; what it returns holds as that of Read does.
func (r *PairReader) Truth(p Pair) (*Mask, error) {
	s, _, err := header(p.Image, &r.reader.file)
	if err != nil {
		return nil, err
	}
	if _, err := r.reader.readTruth(s, p); err != nil {
		return nil, err
	}
	m := r.reader.mask
	return &m, nil
}

// Keep leaves the pair that was read last where it is: the next one is read into other
// memory.
func (r *PairReader) Keep() { r.reader.photo, r.reader.mask = Photo{}, Mask{} }
