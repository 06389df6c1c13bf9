package memory

import "golang.org/x/sys/unix"

// Left returns the machine's memory: what of it is in use is not told. False when
// nobody says.
func Left() (float64, bool) {
	n, err := unix.SysctlUint64("hw.memsize")
	return float64(n), err == nil
}
