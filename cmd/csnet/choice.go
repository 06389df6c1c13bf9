package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// choice is the value of a flag that is one of a few words.
type choice struct {
	value   *string
	allowed []string
}

// oneOf makes a flag's value of p, whose present value is the default.
func oneOf(p *string, allowed ...string) pflag.Value { return choice{p, allowed} }

func (c choice) String() string { return *c.value }
func (c choice) Type() string   { return strings.Join(c.allowed, "|") }

func (c choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return fmt.Errorf("must be %s%s", alternatives(c.allowed), didYouMean(s, "", c.allowed))
	}
	*c.value = s
	return nil
}

// alternatives is "a, b or c".
func alternatives(words []string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
}
