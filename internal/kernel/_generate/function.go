package main

import (
	"fmt"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
)

// mostParams is how many parameters an assembly function has at most. With more it
// takes a pointer to a struct of them, which it copies into its frame: there it may
// count in its arguments and move its pointers on, beyond the end too, for the garbage
// collector never looks at them. Small kernels, which run for a row, take their few
// arguments directly: the copy costs them some nanoseconds.
const mostParams = 8

// function is an assembly function in Go's terms.
type function struct {
	base    string // of the name, without variant and instruction set
	keys    []key  // of the variant
	doc     string
	params  string // as in a Go declaration
	level   string // the instruction set; empty: any
	inArgs  bool   // the parameters are fields of a struct
	keyless bool   // not to be dispatched: called by its name
}

// key is what distinguishes variants of a kernel: the dispatcher has a parameter
// of that name.
type key struct {
	param, value, suffix string
	flag                 bool
}

// number is a key with an integer value, at the end of the kernel's name.
func number(param string, n int) key {
	return key{param: param, value: strconv.Itoa(n), suffix: strconv.Itoa(n)}
}

// flag is a key that is true or false; the kernel's name ends with suffix.
func flag(param string, on bool, suffix string) key {
	return key{param: param, value: strconv.FormatBool(on), suffix: suffix, flag: true}
}

// keyNames are the names of the keys.
func (f *function) keyNames() []string {
	var names []string
	for _, k := range f.keys {
		names = append(names, k.param)
	}
	return names
}

// name is the name of the assembly function.
func (f *function) name() string {
	name := f.base
	for _, k := range f.keys {
		name += k.suffix
	}
	return name + f.level
}

// argsType is the name of the struct of the parameters.
func (f *function) argsType() string { return f.base + "Args" }

// groups are the parameters as they are declared: names, then their type.
func (f *function) groups() [][2]string {
	var groups [][2]string
	var names []string
	for p := range strings.SplitSeq(f.params, ", ") {
		name, typ, typed := strings.Cut(p, " ")
		names = append(names, name)
		if typed {
			groups = append(groups, [2]string{strings.Join(names, ", "), typ})
			names = nil
		}
	}
	return groups
}

// names are the names of the parameters.
func (f *function) names() []string {
	var names []string
	for _, g := range f.groups() {
		names = append(names, strings.Split(g[0], ", ")...)
	}
	return names
}

// signature is the type of the assembly function.
func (f *function) signature() (*gotypes.Signature, error) {
	if !f.inArgs {
		return gotypes.ParseSignature("func(" + f.params + ")")
	}
	pkg := types.NewPackage("kernel", "kernel")
	args := types.NewNamed(types.NewTypeName(token.NoPos, pkg, f.argsType(), nil), types.NewStruct(nil, nil), nil)
	param := types.NewParam(token.NoPos, pkg, "args", types.NewPointer(args))
	return gotypes.NewSignature(pkg, types.NewSignatureType(nil, nil, nil, types.NewTuple(param), nil, false)), nil
}

// fields are the parameters with their places in the struct: the same as those of the
// arguments of a function, one after the other.
func (f *function) fields() (*gotypes.Tuple, error) {
	signature, err := gotypes.ParseSignature("func(" + f.params + ")")
	if err != nil {
		return nil, err
	}
	return signature.Params(), nil
}

// begin opens a function of the instruction set.
func (s *isa) begin(base, doc, params string, keys ...key) {
	s.open(&function{base: base, keys: keys, doc: doc, params: params, level: s.name})
	s.flush()
}

// open opens a function.
func (s *isa) open(f *function) {
	f.inArgs = len(f.names()) > mostParams
	signature, err := f.signature()
	if err != nil {
		panic(fmt.Sprintf("%s: %v", f.name(), err))
	}
	s.Function(f.name())
	s.Attributes(attr.NOSPLIT)
	s.Signature(signature)
	s.Pragma("noescape")
	s.Doc(f.name() + " " + f.doc)
	s.functions = append(s.functions, f)
	if f.inArgs {
		s.copyArgs(f)
	}
}

// copyArgs copies the struct of arguments into the frame.
func (s *isa) copyArgs(f *function) {
	fields, err := f.fields()
	if err != nil {
		panic(fmt.Sprintf("%s: %v", f.name(), err))
	}
	size := (fields.Bytes() + 7) &^ 7
	s.args = s.AllocLocal(size)
	from, word := s.GP64(), s.GP64()
	s.Load(s.Param("args"), from)
	for at := 0; at < size; at += 8 {
		s.MOVQ(Mem{Base: from, Disp: at}, word)
		s.MOVQ(word, s.args.Offset(at))
	}
}

// param is a parameter of the function at hand.
func (s *isa) param(name string) gotypes.Component {
	f := s.functions[len(s.functions)-1]
	if !f.inArgs {
		return s.Param(name)
	}
	fields, err := f.fields()
	if err != nil {
		panic(fmt.Sprintf("%s: %v", f.name(), err))
	}
	field, err := fields.Lookup(name).Resolve()
	if err != nil {
		panic(fmt.Sprintf("%s: %s: %v", f.name(), name, err))
	}
	return gotypes.NewComponent(field.Type, s.args.Offset(field.Addr.Disp))
}

// table returns the address of the table of constants of that name. When a file needs it
// for the first time, fill writes it.
func (s *isa) table(name string, fill func(put func(v Constant))) Mem {
	if !s.tables[name] {
		s.tables[name] = true
		s.StaticGlobal(name)
		s.DataAttributes(attr.RODATA | attr.NOPTR)
		at := 0
		fill(func(v Constant) {
			s.AddDatum(at, v)
			at += v.Bytes()
		})
	}
	return NewDataAddr(Symbol{Name: name, Static: true}, 0)
}
