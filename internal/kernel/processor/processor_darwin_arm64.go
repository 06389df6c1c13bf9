package processor

import "golang.org/x/sys/unix"

func name() string {
	s, err := unix.Sysctl("machdep.cpu.brand_string")
	if err != nil {
		return ""
	}
	return s
}

func l3Bytes() int { // Apple's chips say none: their last level is no processor's own
	n, err := unix.SysctlUint64("hw.l3cachesize")
	if err != nil {
		return 0
	}
	return int(n)
}
