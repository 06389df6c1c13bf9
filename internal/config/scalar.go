package config

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// isDuration reports whether t is a time.Duration, written as 90s or 1h30m.
func isDuration(t reflect.Type) bool { return t == reflect.TypeFor[time.Duration]() }

// scalar decodes node into v. It returns what is wrong, empty when nothing is.
func scalar(node ast.Node, v reflect.Value) string {
	var wish string
	if isDuration(v.Type()) {
		if s, ok := node.(*ast.StringNode); ok {
			if t, err := time.ParseDuration(s.Value); err == nil {
				v.SetInt(int64(t))
				return ""
			}
		}
		return fmt.Sprintf("is %s, must be a duration such as 90s", describe(node))
	}
	switch v.Kind() {
	case reflect.Bool:
		if b, ok := node.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
			return ""
		}
		wish = "true or false"
	case reflect.String:
		switch s := node.(type) {
		case *ast.StringNode:
			v.SetString(s.Value)
			return ""
		case *ast.LiteralNode:
			v.SetString(s.Value.Value)
			return ""
		}
		wish = "text (put it in quotes)"
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(number(node), v.Type().Bits())
		if err == nil {
			v.SetFloat(f)
			return ""
		}
		wish = rangeOr(err, "a finite number")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(number(node), 10, v.Type().Bits())
		if err == nil {
			v.SetInt(n)
			return ""
		}
		wish = rangeOr(err, "a whole number")
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(strings.TrimPrefix(number(node), "+"), 10, v.Type().Bits())
		if err == nil {
			v.SetUint(n)
			return ""
		}
		wish = rangeOr(err, "a whole number of 0 or more")
	default:
		return fmt.Sprintf("cannot be set, %s is not supported", v.Type())
	}
	return fmt.Sprintf("is %s, must be %s", describe(node), wish)
}

func rangeOr(err error, wish string) string {
	if errors.Is(err, strconv.ErrRange) {
		return wish + " (this one is too large)"
	}
	return wish
}

// number returns the text of an unquoted decimal number, empty for all else.
// YAML 1.1 readers take 1e-4 for text, so the text decides, not the node.
func number(node ast.Node) string {
	switch node.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode:
	default:
		return ""
	}
	t := node.GetToken()
	text := strings.TrimSpace(t.Value)
	if t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType || strings.Trim(text, "0123456789+-.eE") != "" {
		return ""
	}
	return text
}

// describe says what a node is, in few words.
func describe(node ast.Node) string {
	switch n := node.(type) {
	case *ast.NullNode:
		return "empty"
	case *ast.SequenceNode:
		if len(n.Values) == 0 {
			return "an empty list"
		}
		return fmt.Sprintf("a list of %d", len(n.Values))
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a section"
	case *ast.StringNode:
		if number(node) != "" {
			return clip(n.Value)
		}
		return fmt.Sprintf("the text %q", clip(n.Value))
	case *ast.LiteralNode:
		return fmt.Sprintf("the text %q", clip(n.Value.Value))
	}
	return clip(node.GetToken().Value)
}

func isMapping(node ast.Node) bool {
	switch node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return true
	}
	return false
}

// pairs returns the entries of a mapping, none for any other node.
func pairs(node ast.Node) []*ast.MappingValueNode {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

func keyText(kv *ast.MappingValueNode) string {
	if s, ok := kv.Key.(*ast.StringNode); ok {
		return s.Value
	}
	return kv.Key.GetToken().Value
}
