//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly || windows)

package lock

import "os"

func try(*os.File) error { return ErrUnsupported }

func hold(*os.File) (*os.File, error) { return nil, ErrUnsupported }

func removeHeld(f *os.File, path string) {
	f.Close()
	os.Remove(path)
}
