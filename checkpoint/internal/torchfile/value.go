package torchfile

import "csnet/checkpoint/internal/dtype"

// value is what the unpickler can build: one of the types below and nothing
// else.
type value interface{ kind() string }

type (
	none    struct{}
	boolean bool
	integer int64
	bignum  string // little-endian two's complement bytes of an integer past 64 bits
	real    float64
	text    string
	tuple   []value
	list    struct{ items []value }
	dict    struct{ pairs []pair }
	pair    struct{ key, val value } // key: text or integer
	global  string                   // "module name", one of those allowed
	storage struct {
		key   string
		dtype string // F32, F64, F16, BF16 or I64
		numel int
		raw   []byte // numel values once they are read, nil before
	}
	view struct { // part of a storage: limit values from begin
		store        *storage
		begin, limit int
	}
	tensor struct {
		view
		offset       int // of its first value, from the view's begin
		size, stride []int
	}
)

func (none) kind() string    { return "None" }
func (boolean) kind() string { return "a bool" }
func (integer) kind() string { return "an integer" }
func (bignum) kind() string  { return "a large integer" }
func (real) kind() string    { return "a float" }
func (text) kind() string    { return "a string" }
func (tuple) kind() string   { return "a tuple" }
func (*list) kind() string   { return "a list" }
func (*dict) kind() string   { return "a dict" }
func (global) kind() string  { return "a class or function" }
func (view) kind() string    { return "a storage" }
func (*tensor) kind() string { return "a tensor" }

// The names a pickle may refer to.
const (
	orderedDict   global = "collections OrderedDict"
	rebuildTensor global = "torch._utils _rebuild_tensor_v2"
	rebuildParam  global = "torch._utils _rebuild_parameter"
	floatStorage  global = "torch FloatStorage"
	doubleStorage global = "torch DoubleStorage"
	halfStorage   global = "torch HalfStorage"
	brainStorage  global = "torch BFloat16Storage"
	longStorage   global = "torch LongStorage"
)

// get returns the last value stored under the string key, nil when there is none.
func (d *dict) get(key string) value {
	for i := len(d.pairs) - 1; i >= 0; i-- {
		if d.pairs[i].key == text(key) {
			return d.pairs[i].val
		}
	}
	return nil
}

// width returns the bytes per value.
func (s *storage) width() int {
	if w := dtype.Width(s.dtype); w > 0 {
		return w
	}
	return 8
}
