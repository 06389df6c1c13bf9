package server

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// The counts and times stand as Prometheus' text format wants them: buckets hold those
// below them too, and every metric has its kind.
func TestMetrics(t *testing.T) {
	var m meter
	m.counted(503)
	m.counted(200)
	m.counted(200)
	for _, ms := range []int{1, 5, 6, 700, 60000} {
		m.timed("map", time.Duration(ms)*time.Millisecond)
	}
	m.timed("error", 20*time.Millisecond)
	var b bytes.Buffer
	m.write(&b)
	want := `# HELP csnet_requests_total Requests by status code.
# TYPE csnet_requests_total counter
csnet_requests_total{code="200"} 2
csnet_requests_total{code="503"} 1
# HELP csnet_request_seconds Time from a request's first byte to its answer.
# TYPE csnet_request_seconds histogram
csnet_request_seconds_bucket{as="error",le="0.005"} 0
csnet_request_seconds_bucket{as="error",le="0.01"} 0
csnet_request_seconds_bucket{as="error",le="0.02"} 1
csnet_request_seconds_bucket{as="error",le="0.04"} 1
csnet_request_seconds_bucket{as="error",le="0.08"} 1
csnet_request_seconds_bucket{as="error",le="0.16"} 1
csnet_request_seconds_bucket{as="error",le="0.32"} 1
csnet_request_seconds_bucket{as="error",le="0.64"} 1
csnet_request_seconds_bucket{as="error",le="1.28"} 1
csnet_request_seconds_bucket{as="error",le="2.56"} 1
csnet_request_seconds_bucket{as="error",le="5.12"} 1
csnet_request_seconds_bucket{as="error",le="10.24"} 1
csnet_request_seconds_bucket{as="error",le="+Inf"} 1
csnet_request_seconds_sum{as="error"} 0.02
csnet_request_seconds_count{as="error"} 1
csnet_request_seconds_bucket{as="map",le="0.005"} 2
csnet_request_seconds_bucket{as="map",le="0.01"} 3
csnet_request_seconds_bucket{as="map",le="0.02"} 3
csnet_request_seconds_bucket{as="map",le="0.04"} 3
csnet_request_seconds_bucket{as="map",le="0.08"} 3
csnet_request_seconds_bucket{as="map",le="0.16"} 3
csnet_request_seconds_bucket{as="map",le="0.32"} 3
csnet_request_seconds_bucket{as="map",le="0.64"} 3
csnet_request_seconds_bucket{as="map",le="1.28"} 4
csnet_request_seconds_bucket{as="map",le="2.56"} 4
csnet_request_seconds_bucket{as="map",le="5.12"} 4
csnet_request_seconds_bucket{as="map",le="10.24"} 4
csnet_request_seconds_bucket{as="map",le="+Inf"} 5
csnet_request_seconds_sum{as="map"} 60.712
csnet_request_seconds_count{as="map"} 5
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	writeProcess(&b)
	for _, name := range []string{"go_goroutines ", "go_memstats_heap_alloc_bytes ", "go_memstats_sys_bytes "} {
		if !strings.Contains(b.String(), "\n"+name) {
			t.Errorf("%q lacks %s", b.String(), name)
		}
	}
}
