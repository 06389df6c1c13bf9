package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// usualCollector has the collector work as Go begins, whatever the test does.
func usualCollector(t *testing.T) {
	t.Helper()
	percent, limit := debug.SetGCPercent(usualPercent), debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) })
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
}

// collector tells the target and the limit of the collector.
func collector() (percent int, limit int64) {
	percent = debug.SetGCPercent(usualPercent)
	debug.SetGCPercent(percent)
	return percent, debug.SetMemoryLimit(-1)
}

// After the first collection, and once a training has its net, the collector works as usual;
// what the environment wants holds from the beginning.
func TestCollectLate(t *testing.T) {
	usualCollector(t)
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
