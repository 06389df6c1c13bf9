//go:build campaign

package wholefile

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
)

// reached counts the points of this process.
var reached atomic.Int64 //nolint:gochecknoglobals // of a build for tests alone

// at kills the process at point number CSNET_CAMPAIGN_KILL, returns "no space left"
// at number CSNET_CAMPAIGN_FULL, and with CSNET_CAMPAIGN_LIST set names every point
// on stderr. Points count from 1.
func at(name string) error {
	n := reached.Add(1)
	if os.Getenv("CSNET_CAMPAIGN_LIST") != "" { //nolint:forbidigo // of a build for tests alone
		fmt.Fprintln(os.Stderr, "point", n, name)
	}
	if is("CSNET_CAMPAIGN_KILL", n) {
		p, err := os.FindProcess(os.Getpid())
		if err == nil {
			_ = p.Kill()
		}
		select {}
	}
	if is("CSNET_CAMPAIGN_FULL", n) {
		return syscall.ENOSPC
	}
	return nil
}

func is(variable string, n int64) bool {
	want, err := strconv.ParseInt(os.Getenv(variable), 10, 64) //nolint:forbidigo // of a build for tests alone
	return err == nil && want == n
}

// watched makes every write a point, and another one in its middle.
func watched(w io.Writer) io.Writer { return pointWriter{w} }

// Points is w, for who appends to a file instead of writing it anew: its writes are
// such points as well.
func Points(w io.Writer) io.Writer { return watched(w) }

type pointWriter struct{ w io.Writer }

func (p pointWriter) Write(b []byte) (int, error) {
	if err := at("write"); err != nil {
		return 0, err
	}
	n, err := p.w.Write(b[:len(b)/2])
	if err == nil {
		err = at("half written")
	}
	if err != nil {
		return n, err
	}
	m, err := p.w.Write(b[n:])
	return n + m, err
}
