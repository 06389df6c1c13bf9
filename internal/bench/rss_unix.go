//go:build unix && !linux && !aix && !solaris && !illumos

package bench

import (
	"runtime"
	"syscall"
)

// peakRSS returns the largest resident memory of this process so far in bytes,
// 0 when unknown.
func peakRSS() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(u.Maxrss)
	}
	return int64(u.Maxrss) << 10
}
