// Command jsonkeys checks the JSON on its input, for scripts:
//
//	csnet summary --config F --json | go run ./scripts/jsonkeys params=210985 'layers[].name'
//
// Each argument is a path that must be there: keys between dots, [] for every
// element of a list that is not empty, * for every key of an object that is not
// empty. PATH=VALUE wants that value too, PATH<N and PATH>N a number below or above
// N. The input must be one JSON value and nothing else; with -lines, one object a
// line, each of which must have the paths.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

func main() {
	lines := flag.Bool("lines", false, "one JSON object a line")
	flag.Parse()
	if err := run(os.Stdin, *lines, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "jsonkeys:", err)
		os.Exit(1)
	}
}

func run(r io.Reader, lines bool, wants []string) error {
	d := json.NewDecoder(r)
	d.UseNumber()
	n := 0
	for {
		var v any
		err := d.Decode(&v)
		switch {
		case errors.Is(err, io.EOF) && n > 0:
			return nil
		case err != nil:
			return fmt.Errorf("value %d: %w", n+1, err)
		}
		n++
		if n > 1 && !lines {
			return errors.New("more than one JSON value")
		}
		for _, want := range wants {
			if err := check(v, want); err != nil {
				return fmt.Errorf("value %d: %s: %w", n, want, err)
			}
		}
	}
}

// check looks for one argument in v.
func check(v any, want string) error {
	path, test := want, ""
	if i := strings.IndexAny(want, "=<>"); i >= 0 {
		path, test = want[:i], want[i:]
	}
	return walk(v, strings.Split(strings.ReplaceAll(path, "[]", ".[]"), "."), test)
}

func walk(v any, path []string, test string) error {
	if len(path) == 0 {
		return compare(v, test)
	}
	var next []any
	switch key := path[0]; v := v.(type) {
	case []any:
		if key != "[]" {
			return fmt.Errorf("a list where key %q was wanted", key)
		}
		next = v
	case map[string]any:
		if key == "*" {
			for _, e := range v {
				next = append(next, e)
			}
		} else if e, ok := v[key]; ok {
			next = []any{e}
		}
	}
	if len(next) == 0 {
		return fmt.Errorf("nothing at %q", path[0])
	}
	for _, e := range next {
		if err := walk(e, path[1:], test); err != nil {
			return err
		}
	}
	return nil
}

func compare(v any, test string) error {
	if test == "" {
		return nil
	}
	got := fmt.Sprint(v)
	if test[0] == '=' {
		if got != test[1:] {
			return fmt.Errorf("is %s", got)
		}
		return nil
	}
	a, err1 := strconv.ParseFloat(got, 64)
	b, err2 := strconv.ParseFloat(test[1:], 64)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if test[0] == '<' && !(a < b) || test[0] == '>' && !(a > b) {
		return fmt.Errorf("is %s", got)
	}
	return nil
}
