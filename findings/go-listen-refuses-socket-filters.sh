#!/usr/bin/env bash
# net.Listen of Go since 1.24 gives a listener on Linux that takes no socket filter, for it is one of Multipath TCP.
#
# Versions:    Go 1.26, golang.org/x/sys v0.38.0; Linux 6.18 (any with net.mptcp.enabled = 1)
# Expectation: setsockopt(SO_ATTACH_FILTER), documented in socket(7) for sockets of every kind, works on a
#              "tcp" listener, whose connections look like TCP in every way (LocalAddr, TCPConn, getsockname).
# Behaviour:   it fails with EOPNOTSUPP. Since Go 1.24 listeners ask for IPPROTO_MPTCP by default, whose sockets
#              pass on only a list of options of their own. With ListenConfig.SetMultipathTCP(false) it works.
# Output seen: net.Listen: operation not supported
#              Multipath TCP off: <nil>
# Exits 0 while this holds, 1 when it has changed. Needs Linux with Multipath TCP, and go.
set -euo pipefail
if [ "$(cat /proc/sys/net/mptcp/enabled 2> /dev/null || echo 0)" != 1 ]; then
  echo "cannot be seen here: this kernel has no Multipath TCP"
  exit 1
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module finding

go 1.25

require golang.org/x/sys v0.38.0
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// attach gives the listener a filter that lets every packet through.
func attach(l net.Listener) error {
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		return err
	}
	all := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0xffffffff}}
	var result error
	if err := raw.Control(func(fd uintptr) {
		result = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &all[0]})
	}); err != nil {
		return err
	}
	return result
}

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("net.Listen:", attach(l))
	var plain net.ListenConfig
	plain.SetMultipathTCP(false)
	l, err = plain.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("Multipath TCP off:", attach(l))
}
GO
GOFLAGS=-mod=mod go run . > out
cat out
grep -qx 'net.Listen: operation not supported' out && grep -qx 'Multipath TCP off: <nil>' out
