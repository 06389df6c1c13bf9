package server

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// meter counts what was answered and how long that took, and writes it in Prometheus'
// text format (version 0.0.4), to the byte as prometheus/client_golang does. (That
// library registers collectors at the start of every program that holds it, which takes
// 1.5 ms of the 7 ms in which csnet's other commands start: it is the twin in the test.)
// The zero value is ready.
type meter struct {
	mu    sync.Mutex
	count map[int]int64     // by status code
	times map[string]*times // by what was asked for
}

// times are how many requests took at most so long.
type times struct {
	within [buckets]int64 // the i-th: at most bound(i) seconds, and more than bound(i-1)
	all    int64
	sum    float64 // seconds
}

// buckets is how many bounds times have: from 5 ms to 10 s, each twice the one before.
const buckets = 12

func bound(i int) float64 { return 0.005 * float64(int(1)<<i) }

// counted counts an answer with a status code.
func (m *meter) counted(code int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count == nil {
		m.count = make(map[int]int64)
	}
	m.count[code]++
}

// timed records how long a request took, from its first byte to its answer, by what it
// asked for.
func (m *meter) timed(as string, d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.times == nil {
		m.times = make(map[string]*times)
	}
	t := m.times[as]
	if t == nil {
		t = new(times)
		m.times[as] = t
	}
	t.all++
	t.sum += d.Seconds()
	for i := range t.within {
		if d.Seconds() <= bound(i) {
			t.within[i]++
			return
		}
	}
}

// exposeMetrics answers GET /metrics.
func (s *Server) exposeMetrics(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	s.meter.write(&b)
	exposition(&b, "csnet_requests_waiting", "gauge", "Requests that wait for a net.")
	fmt.Fprintf(&b, "csnet_requests_waiting %d\n", s.waiting.Load())
	writeProcess(&b)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the reader went away
}

// exposition begins a metric.
func exposition(w io.Writer, name, kind, help string) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// write writes the counts and times, sorted.
func (m *meter) write(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	exposition(w, "csnet_request_seconds", "histogram", "Time from a request's first byte to its answer.")
	for _, as := range slices.Sorted(maps.Keys(m.times)) {
		t := m.times[as]
		var n int64
		for i, more := range t.within {
			n += more
			fmt.Fprintf(w, "csnet_request_seconds_bucket{as=%q,le=%q} %d\n", as, number(bound(i)), n)
		}
		fmt.Fprintf(w, "csnet_request_seconds_bucket{as=%q,le=\"+Inf\"} %d\n", as, t.all)
		fmt.Fprintf(w, "csnet_request_seconds_sum{as=%q} %s\n", as, number(t.sum))
		fmt.Fprintf(w, "csnet_request_seconds_count{as=%q} %d\n", as, t.all)
	}
	exposition(w, "csnet_requests_total", "counter", "Requests by status code.")
	for _, code := range slices.Sorted(maps.Keys(m.count)) {
		fmt.Fprintf(w, "csnet_requests_total{code=\"%d\"} %d\n", code, m.count[code])
	}
}

// writeProcess writes the process's goroutines and memory, by the names that
// Prometheus' own library gives them.
func writeProcess(w io.Writer) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	for _, g := range []struct {
		name, help string
		value      float64
	}{
		{"go_goroutines", "Goroutines that exist.", float64(runtime.NumGoroutine())},
		{"go_memstats_heap_alloc_bytes", "Bytes of the heap in use.", float64(m.HeapAlloc)},
		{"go_memstats_sys_bytes", "Bytes that the Go runtime has from the system.", float64(m.Sys)},
	} {
		exposition(w, g.name, "gauge", g.help)
		fmt.Fprintf(w, "%s %s\n", g.name, number(g.value))
	}
	if seconds, resident, ok := processStat(); ok {
		exposition(w, "process_cpu_seconds_total", "counter", "Seconds of processor time that the process has used.")
		fmt.Fprintf(w, "process_cpu_seconds_total %s\n", number(seconds))
		exposition(w, "process_resident_memory_bytes", "gauge", "Bytes of memory that the process holds.")
		fmt.Fprintf(w, "process_resident_memory_bytes %s\n", number(resident))
	}
}

// processStat is the processor time and memory of the process, where the system tells
// them as Linux does (proc_pid_stat(5)).
func processStat() (seconds, resident float64, ok bool) {
	raw, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0, 0, false
	}
	_, after, _ := strings.Cut(string(raw), ") ") // behind the program's name: from state, the third, on
	fields := strings.Fields(after)
	if len(fields) < 22 {
		return 0, 0, false
	}
	const ticks = 100 // a second, on all of Go's Linux systems
	var v [3]float64
	for i, k := range []int{14, 15, 24} { // utime, stime, rss in pages
		if v[i], err = strconv.ParseFloat(fields[k-3], 64); err != nil {
			return 0, 0, false
		}
	}
	return (v[0] + v[1]) / ticks, v[2] * float64(os.Getpagesize()), true
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
