//go:build !linux

package server

import "net"

// turnAway has no counterpart here: connections go on to be taken until the listener
// is closed.
func turnAway(net.Listener) bool { return false }

// waiting is not known here.
func waiting(net.Listener) bool { return false }
