package torchfile

import "fmt"

// The opcodes that are run.
const (
	opMark           = '('
	opStop           = '.'
	opBinInt         = 'J'
	opBinInt1        = 'K'
	opBinInt2        = 'M'
	opLong1          = 0x8a
	opBinFloat       = 'G'
	opNone           = 'N'
	opNewTrue        = 0x88
	opNewFalse       = 0x89
	opBinUnicode     = 'X'
	opBinString      = 'T'
	opShortBinString = 'U'
	opEmptyDict      = '}'
	opEmptyList      = ']'
	opEmptyTuple     = ')'
	opTuple          = 't'
	opTuple1         = 0x85
	opTuple2         = 0x86
	opTuple3         = 0x87
	opAppend         = 'a'
	opAppends        = 'e'
	opSetItem        = 's'
	opSetItems       = 'u'
	opProto          = 0x80
	opBinPut         = 'q'
	opLongBinPut     = 'r'
	opBinGet         = 'h'
	opLongBinGet     = 'j'
	opGlobal         = 'c'
	opReduce         = 'R'
	opBuild          = 'b'
	opBinPersID      = 'Q'
)

// opName returns Python's name (pickletools) of an opcode, run or not, for
// errors.
func opName(op byte) string {
	switch op {
	case opMark:
		return "MARK"
	case opBinInt:
		return "BININT"
	case opBinInt1:
		return "BININT1"
	case opBinInt2:
		return "BININT2"
	case opLong1:
		return "LONG1"
	case opBinFloat:
		return "BINFLOAT"
	case opBinUnicode:
		return "BINUNICODE"
	case opBinString:
		return "BINSTRING"
	case opShortBinString:
		return "SHORT_BINSTRING"
	case opTuple:
		return "TUPLE"
	case opTuple1:
		return "TUPLE1"
	case opTuple2:
		return "TUPLE2"
	case opTuple3:
		return "TUPLE3"
	case opAppend:
		return "APPEND"
	case opAppends:
		return "APPENDS"
	case opSetItem:
		return "SETITEM"
	case opSetItems:
		return "SETITEMS"
	case opProto:
		return "PROTO"
	case opBinPut:
		return "BINPUT"
	case opLongBinPut:
		return "LONG_BINPUT"
	case opBinGet:
		return "BINGET"
	case opLongBinGet:
		return "LONG_BINGET"
	case opGlobal:
		return "GLOBAL"
	case opReduce:
		return "REDUCE"
	case opBuild:
		return "BUILD"
	case opBinPersID:
		return "BINPERSID"
	}
	return refusedName(op)
}

// refusedName names the opcodes that a hostile or foreign pickle would use.
func refusedName(op byte) string {
	switch op {
	case 'i':
		return "INST"
	case 'o':
		return "OBJ"
	case 0x81:
		return "NEWOBJ"
	case 0x82:
		return "EXT1"
	case 0x83:
		return "EXT2"
	case 0x84:
		return "EXT4"
	case 0x92:
		return "NEWOBJ_EX"
	case 0x93:
		return "STACK_GLOBAL"
	case 'P':
		return "PERSID"
	case 'p':
		return "PUT"
	case 'g':
		return "GET"
	case '2':
		return "DUP"
	case '0':
		return "POP"
	case '1':
		return "POP_MARK"
	case 'l':
		return "LIST"
	case 'd':
		return "DICT"
	case 'I':
		return "INT"
	case 'L':
		return "LONG"
	case 'S':
		return "STRING"
	case 'V':
		return "UNICODE"
	case 'F':
		return "FLOAT"
	case 0x8b:
		return "LONG4"
	case 0x8c:
		return "SHORT_BINUNICODE"
	case 0x94:
		return "MEMOIZE"
	case 0x95:
		return "FRAME"
	}
	return fmt.Sprintf("0x%02x", op)
}
