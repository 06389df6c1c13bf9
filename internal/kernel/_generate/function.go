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

// mostParams is how many parameters an assembly function has at most. With more
// it takes a struct of them, by value: go vet knows the offset of every field,
// and a kernel may count in its arguments and move its pointers on, beyond the
// end too, for the garbage collector never looks at them.
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
	var fields strings.Builder
	for _, g := range f.groups() {
		fmt.Fprintf(&fields, "%s %s; ", g[0], g[1])
	}
	args, err := types.Eval(token.NewFileSet(), nil, token.NoPos, "struct{"+fields.String()+"}")
	if err != nil {
		return nil, err
	}
	pkg := types.NewPackage("kernel", "kernel")
	named := types.NewNamed(types.NewTypeName(token.NoPos, pkg, f.argsType(), nil), args.Type, nil)
	param := types.NewParam(token.NoPos, pkg, "args", named)
	return gotypes.NewSignature(pkg, types.NewSignatureType(nil, nil, nil, types.NewTuple(param), nil, false)), nil
}

// begin opens the function f of the instruction set.
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
}

// param is a parameter of the function at hand.
func (s *isa) param(name string) gotypes.Component {
	if s.functions[len(s.functions)-1].inArgs {
		return s.Param("args").Field(name)
	}
	return s.Param(name)
}

// table is where a table of constants begins; fill puts them there, once a file.
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
