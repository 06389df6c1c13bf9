package checkpoint

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// check demands that dir holds one file with this text.
func check(t *testing.T, dir, name, text string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	list, _ := os.ReadDir(dir)
	if err != nil || string(raw) != text || len(list) != 1 {
		t.Errorf("folder holds %v, the file %q, %v; want %q alone", list, raw, err, text)
	}
}

func TestSaveWhereItCannot(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(file, "x"):          "not a directory",
		filepath.Join(dir, "absent", "x"): "no such file or directory",
		dir:                               "not a regular file",
	} {
		for name, save := range map[string]func(string, *Checkpoint) error{"Save": Save, "Export": Export} {
			if err := save(path, tiny(t)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s to %s: got %v, want %q", name, path, err, want)
			}
		}
	}
	if os.Getuid() == 0 {
		t.Log("root writes everywhere: see TestReadOnlyFolder for a folder without leave")
		return
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	if err := Save(filepath.Join(dir, "x"), tiny(t)); !errors.Is(err, os.ErrPermission) {
		t.Errorf("got %v", err)
	}
}

// mount mounts a tmpfs of these options on a new folder.
func mount(t *testing.T, options string) string {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("a small file system needs root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

func TestFullDisk(t *testing.T) {
	dir := mount(t, "size=16k")
	path := filepath.Join(dir, "last.safetensors")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Save(path, tiny(t))
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	check(t, dir, "last.safetensors", "old")
}

func TestReadOnlyFolder(t *testing.T) {
	dir := mount(t, "size=1m")
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("remount: %v", err)
	}
	if err := Save(path, tiny(t)); !errors.Is(err, syscall.EROFS) {
		t.Errorf("got %v", err)
	}
	check(t, dir, "f", "old")
}
