package model

import (
	"errors"
	"fmt"
)

// Error says what is wrong with an Arch or a Spec.
type Error struct {
	// Key is the configuration key that decides it, e.g. net.blocks[1], or net
	// where no single key does.
	Key  string
	Text string // what was found and what is allowed
	spec bool   // the error is a Spec's: Text says where in it
}

func (e *Error) Error() string {
	if e.spec {
		return "model: spec: " + e.Text
	}
	return "model: " + e.Key + " " + e.Text
}

// archError is an error about the value of a key of an Arch.
func archError(key, format string, args ...any) error {
	return &Error{Key: key, Text: fmt.Sprintf(format, args...)}
}

// specError is an error about a place in a Spec; key is the one of an Arch that
// decides what is there.
func specError(key, format string, args ...any) error {
	return &Error{Key: key, Text: fmt.Sprintf(format, args...), spec: true}
}

// within puts a place before the text of a Spec's error.
func within(err error, format string, args ...any) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{Key: e.Key, Text: fmt.Sprintf(format, args...) + ": " + e.Text, spec: true}
}
