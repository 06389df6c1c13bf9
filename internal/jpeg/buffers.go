package jpeg

// Buffers is memory that decodes one file after another. It serves one goroutine; the
// zero value is ready.
type Buffers struct {
	planes [4][]byte
	tables [keptTables]*table
	window []byte
	// By the present file:
	usedPlanes, usedTables int
}

const (
	// keptTables is how many Huffman tables are kept: a baseline file has four, a
	// progressive one may define its own before every scan.
	keptTables = 8
	// keptPlane is how large a plane may be, in bytes, that is kept: one of a picture
	// that a net sees, not of a photo in full.
	keptPlane = 1 << 21
)

// plane is n zeros.
func (b *Buffers) plane(n int) []byte {
	if n > keptPlane || b.usedPlanes == len(b.planes) {
		return make([]byte, n)
	}
	p := &b.planes[b.usedPlanes]
	b.usedPlanes++
	if cap(*p) < n {
		*p = make([]byte, n)
		return *p
	}
	*p = (*p)[:n]
	clear(*p)
	return *p
}

// table is one that holds nothing.
func (b *Buffers) table() *table {
	if b.usedTables == keptTables {
		return new(table)
	}
	t := &b.tables[b.usedTables]
	b.usedTables++
	if *t == nil {
		*t = new(table)
	} else {
		**t = table{}
	}
	return *t
}
