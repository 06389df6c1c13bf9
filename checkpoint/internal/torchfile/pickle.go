package torchfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

const (
	maxOps   = 1 << 21 // of one pickle
	maxStack = 1 << 20 // values on the stack at once
	maxMemo  = 1 << 20 // entries
	maxName  = 256     // bytes of a module's or a class's name
)

// machine runs one pickle. It knows the opcodes that PyTorch's writer uses
// (pickle protocol 2) and the four names of the allow-list; everything else is
// refused with opcode and offset. It calls nothing, follows no references and
// never recurses: each opcode costs constant memory or memory bounded by the
// bytes it consumes.
type machine struct {
	raw      []byte
	pos      int
	stack    []value
	marks    []int // stack heights
	memo     map[uint32]value
	storages map[string]*storage // by key, over all pickles of the file
}

// unpickle runs the pickle at pos and returns its value and the offset behind
// it. Storages it names are added to storages.
func unpickle(raw []byte, pos int, storages map[string]*storage) (value, int, error) {
	m := &machine{raw: raw, pos: pos, memo: map[uint32]value{}, storages: storages}
	for range maxOps {
		at := m.pos
		op, err := m.take(1)
		if err != nil {
			return nil, at, fmt.Errorf("byte %d: %w", at, err)
		}
		if op[0] == opStop {
			v, err := m.pop()
			if err != nil {
				return nil, at, fmt.Errorf("opcode STOP at byte %d: %w", at, err)
			}
			return v, m.pos, nil
		}
		if err := m.step(op[0]); err != nil {
			return nil, at, fmt.Errorf("opcode %s at byte %d: %w", opName(op[0]), at, err)
		}
		if len(m.stack) > maxStack || len(m.marks) > maxStack || len(m.memo) > maxMemo {
			return nil, at, fmt.Errorf("opcode %s at byte %d: more than %d values on the stack or %d in the memo", opName(op[0]), at, maxStack, maxMemo)
		}
	}
	return nil, m.pos, fmt.Errorf("byte %d: more than %d opcodes in one pickle", m.pos, maxOps)
}

// step runs one opcode.
func (m *machine) step(op byte) error {
	switch op {
	case opProto, opBinPut, opLongBinPut, opBinGet, opLongBinGet, opMark:
		return m.bookkeeping(op)
	case opNone:
		return m.push(none{})
	case opNewTrue:
		return m.push(boolean(true))
	case opNewFalse:
		return m.push(boolean(false))
	case opEmptyDict:
		return m.push(&dict{})
	case opEmptyList:
		return m.push(&list{})
	case opEmptyTuple:
		return m.push(tuple{})
	case opBinInt, opBinInt1, opBinInt2, opLong1, opBinFloat:
		return m.number(op)
	case opBinUnicode, opBinString, opShortBinString:
		return m.str(op)
	case opTuple, opTuple1, opTuple2, opTuple3:
		return m.tuple(op)
	case opAppend, opAppends, opSetItem, opSetItems:
		return m.fill(op)
	case opGlobal:
		return m.global()
	case opBinPersID:
		return m.persistent()
	case opReduce:
		return m.reduce()
	case opBuild:
		return m.build()
	}
	return fmt.Errorf("is not allowed here: a state dict of plain tensors needs none of it")
}

// take returns the next n bytes.
func (m *machine) take(n int) ([]byte, error) {
	if n > len(m.raw)-m.pos {
		return nil, fmt.Errorf("file ends at byte %d, %d more bytes are needed (cut short?)", len(m.raw), n-(len(m.raw)-m.pos))
	}
	b := m.raw[m.pos : m.pos+n]
	m.pos += n
	return b, nil
}

// uint reads a little-endian number of n bytes.
func (m *machine) uint(n int) (uint32, error) {
	b, err := m.take(n)
	if err != nil {
		return 0, err
	}
	var word [4]byte
	copy(word[:], b)
	return binary.LittleEndian.Uint32(word[:]), nil
}

func (m *machine) push(v value) error {
	m.stack = append(m.stack, v)
	return nil
}

// pop takes the top value, but none from under a mark.
func (m *machine) pop() (value, error) {
	floor := 0
	if len(m.marks) > 0 {
		floor = m.marks[len(m.marks)-1]
	}
	if len(m.stack) <= floor {
		return nil, fmt.Errorf("nothing on the stack to take")
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v, nil
}

// popMark takes the values above the last mark, and the mark.
func (m *machine) popMark() ([]value, error) {
	if len(m.marks) == 0 {
		return nil, fmt.Errorf("no mark on the stack")
	}
	at := m.marks[len(m.marks)-1]
	m.marks = m.marks[:len(m.marks)-1]
	vs := append([]value(nil), m.stack[at:]...)
	m.stack = m.stack[:at]
	return vs, nil
}

// bookkeeping runs the opcodes of protocol, memo and mark.
func (m *machine) bookkeeping(op byte) error {
	if op == opMark {
		m.marks = append(m.marks, len(m.stack))
		return nil
	}
	width := 1
	if op == opLongBinPut || op == opLongBinGet {
		width = 4
	}
	n, err := m.uint(width)
	if err != nil {
		return err
	}
	switch op {
	case opProto:
		if n != 2 {
			return fmt.Errorf("pickle protocol is %d, PyTorch writes 2", n)
		}
		return nil
	case opBinPut, opLongBinPut:
		v, err := m.pop()
		if err != nil {
			return err
		}
		m.memo[n] = v
		return m.push(v)
	}
	v, ok := m.memo[n]
	if !ok {
		return fmt.Errorf("memo has no entry %d", n)
	}
	return m.push(v)
}

func (m *machine) number(op byte) error {
	width := 1
	switch op {
	case opBinInt2:
		width = 2
	case opBinInt:
		width = 4
	case opBinFloat:
		b, err := m.take(8)
		if err != nil {
			return err
		}
		return m.push(real(math.Float64frombits(binary.BigEndian.Uint64(b))))
	}
	n, err := m.uint(width)
	if err != nil {
		return err
	}
	if op == opLong1 {
		return m.long(int(n))
	}
	if op == opBinInt {
		return m.push(integer(int32(n)))
	}
	return m.push(integer(n))
}

// long reads an integer of n little-endian two's complement bytes.
func (m *machine) long(n int) error {
	b, err := m.take(n)
	if err != nil {
		return err
	}
	if n > 8 {
		return m.push(bignum(b))
	}
	var word [8]byte
	if n > 0 && b[n-1] >= 0x80 {
		word = [8]byte{255, 255, 255, 255, 255, 255, 255, 255}
	}
	copy(word[:], b)
	return m.push(integer(int64(binary.LittleEndian.Uint64(word[:]))))
}

func (m *machine) str(op byte) error {
	width := 4
	if op == opShortBinString {
		width = 1
	}
	n, err := m.uint(width)
	if err != nil {
		return err
	}
	b, err := m.take(int(n))
	if err != nil {
		return err
	}
	if !utf8.Valid(b) {
		return fmt.Errorf("string is not UTF-8")
	}
	return m.push(text(b))
}

// global reads "module\nname\n" and lets only the allow-list pass.
func (m *machine) global() error {
	var names [2]string
	for i := range names {
		end := bytes.IndexByte(m.raw[m.pos:min(len(m.raw), m.pos+maxName)], '\n')
		if end < 0 {
			return fmt.Errorf("name does not end within %d bytes (cut short?)", min(len(m.raw)-m.pos, maxName))
		}
		names[i] = string(m.raw[m.pos : m.pos+end])
		m.pos += end + 1
	}
	switch g := global(names[0] + " " + names[1]); g {
	case orderedDict, rebuildTensor, rebuildParam, floatStorage, doubleStorage, halfStorage, brainStorage, longStorage:
		return m.push(g)
	}
	return fmt.Errorf("%q is not on the list of names allowed (OrderedDict, _rebuild_tensor_v2, _rebuild_parameter, storages of numbers); nothing was run", names[0]+"."+names[1])
}
