package lock

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test program be the other process: it takes the lock that is
// named, says so and waits for its end.
func TestMain(m *testing.M) {
	if path := os.Getenv("CSNET_TEST_LOCK"); path != "" {
		if _, err := Acquire(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("held")
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The second is kept out, with the first's number, until the first lets go; then
// the lock file is gone and can be taken.
func TestAcquire(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	for range 3 {
		l, err := Acquire(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Acquire(path)
		if !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), fmt.Sprintf("(%d)", os.Getpid())) {
			t.Errorf("second one: %v", err)
		}
		l.Release()
		if _, err := os.Stat(path); err == nil {
			t.Error("the lock file was left behind")
		}
	}
	_, err := Acquire(filepath.Join(path, "below"))
	if err == nil || errors.Is(err, ErrHeld) {
		t.Errorf("a lock in no folder: %v", err)
	}
	var none *Lock
	none.Release()
}

// A lock ends with the process that held it, killed though it be.
func TestLockDiesWithItsProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), "CSNET_TEST_LOCK="+path)
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process says %q", line)
	}
	_, err = Acquire(path)
	if !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), fmt.Sprintf("(%d)", other.Process.Pid)) {
		t.Errorf("beside the other process: %v", err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	l, err := Acquire(path) // although the file lies there
	if err != nil {
		t.Fatal(err)
	}
	l.Release()
}

// Hold keeps the lock when the file itself is closed.
func TestHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	open := func() *os.File {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := open()
	if err := Try(f); err != nil {
		t.Skip(err)
	}
	h, err := Hold(f)
	if err != nil {
		t.Skip(err)
	}
	f.Close()
	g := open()
	defer g.Close()
	if err := Try(g); !errors.Is(err, ErrHeld) {
		t.Errorf("while it is held: %v", err)
	}
	h.Close()
	if err := Try(g); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
