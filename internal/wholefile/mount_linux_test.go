package wholefile

import (
	"syscall"
	"testing"
)

// mounted makes path the top of a file system of its own.
func mounted(t *testing.T, path string) {
	if err := syscall.Mount("tmpfs", path, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a file system needs root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(path, syscall.MNT_DETACH) })
}

// mountedReadOnly makes path, without what is mounted below it, read-only.
func mountedReadOnly(t *testing.T, path string) {
	if err := syscall.Mount(path, path, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
		t.Skipf("a bind mount needs root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(path, syscall.MNT_DETACH) })
	if err := syscall.Mount("", path, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("a bind mount needs root: %v", err)
	}
}
