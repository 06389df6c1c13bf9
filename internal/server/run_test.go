package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"csnet/internal/saliency"
)

// start runs a server until stop is called, which returns what Run returned.
func start(t *testing.T, e Ending, o Options) (url string, stop func() error) {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, l, e) }()
	t.Cleanup(s.Close)
	return "http://" + l.Addr().String(), func() error { cancel(); return <-ended }
}

// Clients that send one request after another over connections that stay open lose
// none when the server ends: each gets an answer, the last of which says that the
// connection closes.
func TestEndLosesNothing(t *testing.T) {
	o := options()
	o.NewNet = func() (saliency.Net, error) { return &brightNet{wait: 3 * time.Millisecond}, nil }
	o.Queue = 64
	url, stop := start(t, Ending{Drain: 20 * time.Second, Grace: 20 * time.Second}, o)
	var answered atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			for {
				r, err := client.Post(url+"/v1/saliency", "image/png", bytes.NewReader(photo(20, 20)))
				if err != nil {
					t.Errorf("a request was lost: %v", err)
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				r.Body.Close()
				if r.StatusCode != 200 {
					t.Errorf("an answer says %d", r.StatusCode)
				}
				answered.Add(1)
				if r.Close {
					return
				}
			}
		})
	}
	for answered.Load() < 50 && !t.Failed() {
		time.Sleep(time.Millisecond)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	wg.Wait()
}

// A connection that waits in the queue when the server ends is taken and answered;
// one that comes then is not.
func TestEndTakesWhatWaits(t *testing.T) {
	l, err := Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const n = 5
	for range n {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	ours := &listener{TCPListener: l.(*net.TCPListener)}
	if !ours.end() {
		t.Skip("this system cannot turn connections away")
	}
	if c, err := net.DialTimeout("tcp", l.Addr().String(), 50*time.Millisecond); err == nil {
		c.Close()
		t.Error("a connection is taken after the end")
	}
	for i := range n {
		c, err := ours.Accept()
		if err != nil {
			t.Fatalf("connection %d of %d: %v", i+1, n, err)
		}
		c.Close()
	}
	if _, err := ours.Accept(); !errors.Is(err, errDrained) {
		t.Errorf("after the last one: %v", err)
	}
}

// With no connection open there is nothing to wait for.
func TestEndAtOnce(t *testing.T) {
	_, stop := start(t, Ending{Drain: time.Hour, Grace: time.Hour}, options())
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// While the server ends, /readyz says so.
func TestReadyUntilTheEnd(t *testing.T) {
	url, stop := start(t, Ending{Drain: 20 * time.Second}, options())
	idle, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")) // holds the end up
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	for {
		r, err := http.Get(url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode == http.StatusServiceUnavailable {
			break
		}
	}
	idle.Close()
	http.DefaultClient.CloseIdleConnections()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// slowBody sends one byte, and then nothing until it is closed.
func slowBody(t *testing.T) io.Reader {
	r, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	go func() { _, _ = w.Write([]byte{0x89}) }()
	return r
}

// Who sends slowly is answered with 408 and holds no net and no place in the queue.
func TestSlowBodies(t *testing.T) {
	ts := newTest(t, func(o *Options) { o.Nets, o.Queue, o.Upload = 1, 0, 400*time.Millisecond })
	codes := make(chan int, 5)
	for range 5 {
		go func() {
			r, err := http.Post(ts.URL+"/v1/saliency", "image/png", slowBody(t))
			if err != nil {
				t.Error(err)
				codes <- 0
				return
			}
			r.Body.Close()
			codes <- r.StatusCode
		}()
	}
	time.Sleep(50 * time.Millisecond)
	if code, _, b := post(t, ts.URL+"/v1/saliency", photo(20, 20)); code != 200 {
		t.Errorf("beside slow ones: %d %s", code, b)
	}
	for range 5 {
		if code := <-codes; code != http.StatusRequestTimeout {
			t.Errorf("a slow body: %d, must be 408", code)
		}
	}
}

// The photos of all requests together are bounded, and what they took comes back.
func TestMemoryIsBounded(t *testing.T) {
	gate := make(chan struct{})
	body := append(photo(20, 20), make([]byte, 9000)...) // bytes after the end of a PNG are passed over
	o := options()
	o.NewNet = func() (saliency.Net, error) { return &brightNet{gate: gate}, nil }
	o.Nets, o.MaxBytes, o.MaxHeld = 1, 10000, 20000
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(s)
	t.Cleanup(func() { ts.Close(); s.Close() })
	codes := make(chan int, 2)
	for i := range 2 { // two fit
		go func() {
			code, _, _ := post(t, ts.URL+"/v1/saliency", body)
			codes <- code
		}()
		for s.held.held.Load() != int64((i+1)*len(body)) {
			time.Sleep(time.Millisecond)
		}
	}
	for range 2 {
		if code, _, b := post(t, ts.URL+"/v1/saliency", body); code != 503 || !strings.Contains(string(b), "memory") {
			t.Errorf("a third: %d %s, must be 503", code, b)
		}
	}
	close(gate)
	for range 2 {
		if code := <-codes; code != 200 {
			t.Errorf("one that fits: %d", code)
		}
	}
	for range 5 {
		if code, _, b := post(t, ts.URL+"/v1/saliency", body); code != 200 {
			t.Errorf("afterwards: %d %s", code, b)
		}
	}
}

// A request whose code panics is an error of its own, and its net goes on.
func TestPanicIsAnAnswer(t *testing.T) {
	ts := newTest(t, func(o *Options) {
		o.NewNet = func() (saliency.Net, error) { return &brightNet{panics: 1}, nil }
		o.Nets = 1
	})
	if code, _, b := post(t, ts.URL+"/v1/saliency", photo(20, 20)); code != 500 || !strings.Contains(string(b), "panic") {
		t.Errorf("%d %s, must be 500", code, b)
	}
	if code, _, b := post(t, ts.URL+"/v1/saliency", photo(20, 20)); code != 200 {
		t.Errorf("afterwards: %d %s", code, b)
	}
}
