package server

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// turnAway makes a listening socket drop every packet that asks for a new
// connection; handshakes that have begun go on. The client asks again after a second
// and is refused by then. It reports whether that is to be had: a socket of multipath
// TCP, which net.Listen makes, knows no filters.
func turnAway(l net.Listener) (done bool) {
	const flags, syn = 13, 2 // the byte of a TCP header that holds its flags (RFC 9293, 3.1)
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: flags},
		{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: syn, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xffffffff},
	}
	_ = withFD(l, func(fd int) {
		done = unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}) == nil
	})
	return done
}

// waiting reports whether a connection waits to be taken.
func waiting(l net.Listener) (yes bool) {
	_ = withFD(l, func(fd int) {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		yes = err == nil && n > 0
	})
	return yes
}

func withFD(l net.Listener, do func(fd int)) error {
	s, ok := l.(syscall.Conn)
	if !ok {
		return syscall.EINVAL
	}
	c, err := s.SyscallConn()
	if err != nil {
		return err
	}
	return c.Control(func(fd uintptr) { do(int(fd)) })
}
