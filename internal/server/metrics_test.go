package server

import (
	"bytes"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// What is counted is written as Prometheus' own library writes it, to the byte.
func TestMetricsAgainstLibrary(t *testing.T) {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "csnet_request_seconds", Help: "Time from a request's first byte to its answer.", Buckets: prometheus.ExponentialBuckets(0.005, 2, buckets)}, []string{"as"})
	count := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "csnet_requests_total", Help: "Requests by status code."}, []string{"code"})
	registry := prometheus.NewRegistry()
	registry.MustRegister(seconds, count)
	var m meter
	for i, d := range []time.Duration{1, 5e6, 6e6, 700e6, 60e9, 20e6, 123456789, 10240e6, 10241e6} {
		as, code := []string{"map", "error", "cutout"}[i%3], []int{200, 415, 503, 200}[i%4]
		m.timed(as, d)
		m.counted(code)
		seconds.WithLabelValues(as).Observe(d.Seconds())
		count.WithLabelValues(strconv.Itoa(code)).Inc()
	}
	var b bytes.Buffer
	m.write(&b)
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	if want := answer.Body.String(); b.String() != want {
		t.Errorf("got\n%s\nthe library writes\n%s", b.String(), want)
	}
}

// All of /metrics can be read by Prometheus' parser.
func TestMetricsParse(t *testing.T) {
	ts := newTest(t, nil)
	post(t, ts.URL+"/v1/saliency", photo(20, 20))
	r, err := ts.Client().Get(ts.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if got := r.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/plain; version=0.0.4") {
		t.Errorf("content type %q", got)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"csnet_requests_total", "csnet_request_seconds", "csnet_requests_waiting", "go_goroutines", "go_memstats_heap_alloc_bytes", "go_memstats_sys_bytes"}
	if runtime.GOOS == "linux" {
		want = append(want, "process_cpu_seconds_total", "process_resident_memory_bytes")
	}
	for _, name := range want {
		if f := families[name]; f == nil || len(f.Metric) == 0 || f.GetHelp() == "" {
			t.Errorf("%s is missing: %v", name, f)
		}
	}
	if v := families["process_resident_memory_bytes"]; v != nil && v.Metric[0].GetGauge().GetValue() < 1<<20 {
		t.Errorf("resident memory: %v", v)
	}
}
