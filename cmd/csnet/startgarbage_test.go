package main

import (
	"math"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
)

// inFreshProcess runs the test that calls it once more, alone in a process of its own, and
// tells whether this is that process. What other tests left on the heap, and a collection
// that runs beside, cannot end there what the test begins.
func inFreshProcess(t *testing.T) bool {
	t.Helper()
	const mark = "CSNET_TEST_ALONE"
	if os.Getenv(mark) == t.Name() {
		return true
	}
	alone := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	alone.Env = append(os.Environ(), mark+"="+t.Name(), "GOGC=", "GOMEMLIMIT=")
	text, err := alone.CombinedOutput()
	if err != nil || !strings.Contains(string(text), "--- PASS: "+t.Name()) {
		t.Errorf("in a process of its own: %v\n%s", err, text)
	}
	return false
}

// collector tells the target and the limit of the collector. It reads them alone: to set a
// target, even for a moment, can begin a collection.
func collector() (percent int, limit int64) {
	read := []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
	metrics.Read(read)
	return int(int64(read[0].Value.Uint64())), int64(read[1].Value.Uint64())
}

// After the first collection, and once a training has its net, the collector works as usual;
// what the environment wants holds from the beginning.
func TestCollectLate(t *testing.T) {
	if !inFreshProcess(t) {
		return
	}
	collectLate()
	if percent, limit := collector(); percent != -1 || limit != startBytes {
		t.Fatalf("target %d%%, limit %d at the start", percent, limit)
	}
	runtime.GC()
	for range 1000 {
		if percent, _ := collector(); percent == usualPercent {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if percent, limit := collector(); percent != usualPercent || limit != math.MaxInt64 {
		t.Errorf("target %d%%, limit %d after the first collection", percent, limit)
	}

	collectLate()
	collectAsUsual()
	if percent, limit := collector(); percent != usualPercent || limit != math.MaxInt64 {
		t.Errorf("target %d%%, limit %d before a training", percent, limit)
	}
	debug.SetGCPercent(20)
	collectAsUsual()
	if percent, _ := collector(); percent != 20 {
		t.Errorf("a target of 20%% became %d%%", percent)
	}

	debug.SetGCPercent(usualPercent)
	collectLate()
	collectSeldom()
	if percent, limit := collector(); percent != seldomPercent || limit != seldomBytes {
		t.Errorf("target %d%%, limit %d for a training", percent, limit)
	}
	runtime.GC()
	time.Sleep(10 * time.Millisecond) // of what the first collection ends
	if percent, _ := collector(); percent != seldomPercent {
		t.Errorf("target %d%% after a collection, want %d%%", percent, seldomPercent)
	}
	collectAsUsual()
	if percent, limit := collector(); percent != usualPercent || limit != math.MaxInt64 {
		t.Errorf("target %d%%, limit %d when its net is there", percent, limit)
	}
	debug.SetGCPercent(20)
	collectSeldom()
	if percent, _ := collector(); percent != 20 {
		t.Errorf("a target of 20%% became %d%%", percent)
	}

	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		t.Setenv(name, "1GiB")
		collectLate()
		if percent, limit := collector(); percent != 20 || limit != math.MaxInt64 {
			t.Errorf("%s is set: target %d%%, limit %d", name, percent, limit)
		}
		t.Setenv(name, "")
	}
}
