package memory

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Left returns the bytes that this process can still take before the machine, or
// the control group that it runs in, has none left; false when nobody says.
func Left() (float64, bool) {
	left, ok := math.Inf(1), false
	take := func(n float64, known bool) {
		if known {
			left, ok = min(left, max(n, 0)), true
		}
	}
	take(available("/proc/meminfo"))
	for _, dir := range groups("/sys/fs/cgroup", "/proc/self/cgroup") {
		take(group(dir))
	}
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_AS, &limit) == nil && limit.Cur < math.MaxInt64 {
		take(float64(limit.Cur)-mapped("/proc/self/statm"), true)
	}
	return left, ok
}

// available is MemAvailable of a meminfo.
func available(path string) (float64, bool) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	for line := range bytes.Lines(raw) {
		f := strings.Fields(string(line))
		if len(f) >= 2 && f[0] == "MemAvailable:" {
			n, err := strconv.ParseFloat(f[1], 64)
			return n * 1024, err == nil
		}
	}
	return 0, false
}

// mapped is the address space in use by a statm, whose pages count.
func mapped(path string) float64 {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	f := strings.Fields(string(raw))
	if len(f) == 0 {
		return 0
	}
	n, _ := strconv.ParseFloat(f[0], 64)
	return n * float64(os.Getpagesize())
}

// groups lists the folders of the process's control group and all above it.
func groups(root, self string) []string {
	dirs := []string{root, filepath.Join(root, "memory")}
	raw, err := os.ReadFile(self)
	if err != nil {
		return dirs
	}
	for line := range bytes.Lines(raw) {
		f := strings.SplitN(strings.TrimSpace(string(line)), ":", 3)
		if len(f) != 3 || f[1] != "" && f[1] != "memory" {
			continue
		}
		base := root
		if f[1] == "memory" {
			base = filepath.Join(root, "memory")
		}
		for p := filepath.Clean("/" + f[2]); p != "/"; p = filepath.Dir(p) {
			dirs = append(dirs, filepath.Join(base, p))
		}
	}
	return dirs
}

// group is what a control group has left: its limit less what is in use and cannot
// be dropped. Versions 2 and 1.
func group(dir string) (float64, bool) {
	for _, v := range []struct{ limit, used, cache string }{
		{"memory.max", "memory.current", "inactive_file"},
		{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"},
	} {
		limit, ok := number(filepath.Join(dir, v.limit))
		if !ok || limit > 1<<60 {
			continue
		}
		used, ok := number(filepath.Join(dir, v.used))
		if !ok {
			continue
		}
		return limit - used + field(filepath.Join(dir, "memory.stat"), v.cache), true
	}
	return 0, false
}

func number(path string) (float64, bool) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(string(raw)), 64)
	return n, err == nil
}

func field(path, name string) float64 {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(raw) {
		if rest, ok := strings.CutPrefix(string(line), name+" "); ok {
			n, _ := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			return n
		}
	}
	return 0
}
