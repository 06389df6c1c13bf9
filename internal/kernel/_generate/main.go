// Command kernelgen writes the assembly of internal/kernel and of the packages below
// it, and its Go stubs, into a directory:
//
//	go run . ..
//
// Every kernel is written once, over an isa, and emitted for AVX2+FMA and for
// AVX-512. The order in which a sum is taken depends on sizes alone.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: kernelgen directory")
	}
	for _, f := range families() {
		if err := f.write(os.Args[1]); err != nil {
			log.Fatalf("%s: %v", f.name, err)
		}
	}
}

// write writes the files of the family.
func (f *family) write(dir string) error {
	dir = filepath.Join(dir, f.pkg)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	var all []*function
	for _, level := range []func() *isa{avx2, avx512} {
		for _, p := range f.parts(level()) {
			s := level()
			p.build(s)
			text, err := s.assembly()
			if err != nil {
				return err
			}
			name := fmt.Sprintf("%s%s_%s_amd64.s", f.name, p.suffix, strings.ToLower(s.name))
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
				return err
			}
			all = append(all, s.functions...)
		}
	}
	text, err := stubs(f.pkg, all)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, f.name+"_stubs_amd64.go"), text, 0o666)
}

// assembly compiles what has been built and returns its text.
func (s *isa) assembly() ([]byte, error) {
	file, err := s.Result()
	if err != nil {
		return nil, err
	}
	if err := pass.Concat(pass.Compile, pass.Func(encodeBoth)).Execute(file); err != nil {
		return nil, err
	}
	text, err := printer.NewGoAsm(printer.Config{Name: "avo"}).Print(file)
	if err != nil {
		return nil, err
	}
	_, body, found := strings.Cut(string(text), "\n\n") // after avo's own first line
	if !found {
		return nil, fmt.Errorf("no blank line after the header")
	}
	return []byte(header + body), nil
}
