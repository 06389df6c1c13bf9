package config

import (
	"fmt"
	"slices"
	"strings"

	"csnet/internal/nearest"
)

// rule says what is allowed for one key and what of it is not kept.
type rule struct {
	key, want string
	broken    []broken
}

// broken is a value against the rule; of is "" or the element "[i]".
type broken struct{ of, found, hint string }

// one judges a value as a whole.
func one(key, want string, v any, ok bool) rule {
	r := rule{key: key, want: want}
	if !ok {
		r.broken = []broken{{found: show(v)}}
	}
	return r
}

// each judges a list element by element.
func each[T any](key, want string, vs []T, ok func(i int, v T) bool) rule {
	r := rule{key: key, want: want}
	for i, v := range vs {
		if !ok(i, v) {
			r.broken = append(r.broken, broken{of: fmt.Sprintf("[%d]", i), found: show(v)})
		}
	}
	return r
}

// within allows lo to hi, both included.
func within[T int | float64](key string, v, lo, hi T) rule {
	return one(key, fmt.Sprintf("%v to %v", lo, hi), v, lo <= v && v <= hi)
}

func atLeast0(key string, v float64) rule { return one(key, "0 or more", v, v >= 0) }

func above0(key string, v float64) rule { return one(key, "above 0", v, v > 0) }

func oneOf(key, v string, allowed ...string) rule {
	r := one(key, "one of "+strings.Join(allowed, ", "), v, slices.Contains(allowed, v))
	if len(r.broken) > 0 {
		r.broken[0].hint = near(v, allowed)
	}
	return r
}

func near(v string, allowed []string) string {
	if n := nearest.Of(v, allowed); n != "" {
		return fmt.Sprintf("; did you mean %q?", n)
	}
	return ""
}

func show(v any) string {
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%q", clip(s))
	}
	return fmt.Sprint(v)
}

// listOf stands for a list whose length is what matters.
type listOf int

func (n listOf) String() string { return fmt.Sprintf("a list of %d", int(n)) }
