package data

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// Sets are divided and reduced on file systems without fsync too: the tests of both pass
// again where strace lets every fsync fail so.
func TestWithoutFsync(t *testing.T) {
	if os.Getenv("CSNET_TEST_NO_FSYNC") != "" {
		t.Skip("is the one without")
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is missing")
	}
	for _, name := range []string{"ENOSYS", "EINVAL"} {
		c := exec.CommandContext(t.Context(), strace, "-f", "-qq", "-o", os.DevNull, "-e", "trace=fsync", "-e", "inject=fsync:error="+name, os.Args[0], "-test.run", "^(TestWriteSplit|TestShrink)$", "-test.v")
		c.Env = append(os.Environ(), "CSNET_TEST_NO_FSYNC=1")
		out, err := c.CombinedOutput()
		switch {
		case bytes.Contains(out, []byte("PTRACE")):
			t.Skipf("strace may not trace here: %s", out)
		case err != nil || !bytes.Contains(out, []byte("--- PASS: TestWriteSplit")) || !bytes.Contains(out, []byte("--- PASS: TestShrink")):
			t.Errorf("fsync gives %s: %v: %s", name, err, out)
		}
	}
}
