package server

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"csnet/internal/saliency"
)

// brightNet finds what is bright. It waits for gate, where set, and for wait, and
// panics as often as panics says.
type brightNet struct {
	gate   chan struct{}
	wait   time.Duration
	panics int
}

func (n *brightNet) Logits(x []float32, h, w int) ([]float32, error) {
	if n.panics > 0 {
		n.panics--
		panic("as a decoder might")
	}
	if n.gate != nil {
		<-n.gate
	}
	time.Sleep(n.wait)
	return append([]float32(nil), x[:h*w]...), nil
}
func (*brightNet) Close() error { return nil }

// options are those of a small server.
func options() Options {
	return Options{
		NewNet: func() (saliency.Net, error) { return &brightNet{}, nil }, Nets: 2, Size: 16, Queue: 4,
		MaxBytes: 1 << 20, MaxHeld: 1 << 22, MaxPixels: 1e6, Upload: 20 * time.Second, Timeout: 20 * time.Second,
	}
}

func newTest(t *testing.T, change func(*Options)) *httptest.Server {
	t.Helper()
	o := options()
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(s)
	t.Cleanup(func() { ts.Close(); s.Close() })
	return ts
}

func photo(w, h int) []byte {
	m := image.NewGray(image.Rect(0, 0, w, h))
	for y := h / 4; y < h/2; y++ {
		for x := w / 4; x < w/2; x++ {
			m.SetGray(x, y, color.Gray{255})
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m)
	return b.Bytes()
}

func post(t *testing.T, url string, body []byte) (int, http.Header, []byte) {
	t.Helper()
	r, err := http.Post(url, "image/png", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, _ := io.ReadAll(r.Body)
	return r.StatusCode, r.Header, b
}

func TestEveryForm(t *testing.T) {
	ts := newTest(t, nil)
	for _, as := range []string{"", "map", "mask", "cutout", "overlay", "crop"} {
		code, h, b := post(t, ts.URL+"/v1/saliency?as="+as, photo(60, 40))
		if code != 200 || h.Get("Content-Type") != "image/png" {
			t.Fatalf("as %q: %d %s", as, code, b)
		}
		c, err := png.DecodeConfig(bytes.NewReader(b))
		if err != nil || as != "crop" && (c.Width != 60 || c.Height != 40) {
			t.Errorf("as %q: %dx%d, %v", as, c.Width, c.Height, err)
		}
	}
	code, _, b := post(t, ts.URL+"/v1/saliency?as=json&threshold=128", photo(60, 40))
	var facts struct {
		Width, Height int
		Mean, Area    float64
		Box           [4]int
	}
	if err := json.Unmarshal(b, &facts); err != nil || code != 200 || facts.Width != 60 || facts.Box[2] == 0 {
		t.Errorf("json: %d %s %v", code, b, err)
	}
}

func TestRefusals(t *testing.T) {
	ts := newTest(t, func(o *Options) { o.MaxBytes, o.MaxPixels = 20000, 10000 })
	for _, c := range []struct {
		what, query string
		body        []byte
		code        int
		says        string
	}{
		{"too many bytes", "", make([]byte, 30000), 413, "bytes"},
		{"too many pixels", "", photo(200, 100), 413, "pixels"},
		{"no photo", "", nil, 400, "no photo"},
		{"another kind", "", []byte("this is no photo at all"), 415, ""},
		{"cut short", "", photo(50, 50)[:60], 415, ""},
		{"an unknown form", "?as=video", photo(20, 20), 400, "video"},
		{"a form, given twice", "?as=map&as=mask", photo(20, 20), 400, "as is given 2 times"},
		{"an unknown parameter", "?url=x", photo(20, 20), 400, "url"},
		{"a threshold out of range", "?as=mask&threshold=300", photo(20, 20), 400, "300"},
		{"a colour that is none", "?as=cutout&background=plaid", photo(20, 20), 400, "plaid"},
	} {
		code, _, b := post(t, ts.URL+"/v1/saliency"+c.query, c.body)
		var e struct{ Error string }
		if code != c.code || json.Unmarshal(b, &e) != nil || !strings.Contains(e.Error, c.says) || e.Error == "" {
			t.Errorf("%s: %d %s, must be %d and say %q", c.what, code, b, c.code, c.says)
		}
	}
	for _, method := range []string{"GET", "PUT", "DELETE", "OPTIONS"} {
		q, _ := http.NewRequest(method, ts.URL+"/v1/saliency", bytes.NewReader(photo(20, 20)))
		r, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		var e struct{ Error string }
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil || r.StatusCode != 405 || r.Header.Get("Allow") != "POST" || !strings.Contains(e.Error, "must be POST") {
			t.Errorf("%s: %d, allowed is %q: %v %v", method, r.StatusCode, r.Header.Get("Allow"), e, err)
		}
		r.Body.Close()
	}
}

// With all nets at work, one request waits and the next is turned away; one that
// waits too long gets 504, and its net is back afterwards.
func TestQueueAndTimeout(t *testing.T) {
	gate := make(chan struct{})
	ts := newTest(t, func(o *Options) {
		o.NewNet = func() (saliency.Net, error) { return &brightNet{gate: gate}, nil }
		o.Nets, o.Queue, o.Timeout = 1, 1, 300*time.Millisecond
	})
	codes := make(chan int, 6)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			code, _, _ := post(t, ts.URL+"/v1/saliency", photo(20, 20))
			codes <- code
		})
	}
	wg.Wait()
	count := map[int]int{}
	for range 6 {
		count[<-codes]++
	}
	if count[504] < 2 || count[503] < 1 || count[504]+count[503] != 6 {
		t.Errorf("answers: %v, must be 504 for those at work and waiting, 503 for the rest", count)
	}
	close(gate)
	deadline := time.Now().Add(10 * time.Second)
	for {
		code, _, _ := post(t, ts.URL+"/v1/saliency", photo(20, 20))
		if code == 200 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the net did not come back: %d", code)
		}
	}
}

func TestForThoseWhoRunIt(t *testing.T) {
	ts := newTest(t, nil)
	post(t, ts.URL+"/v1/saliency", photo(20, 20))
	for path, says := range map[string]string{"/healthz": "ok", "/readyz": "ready", "/metrics": `csnet_requests_total{code="200"} 1`, "/": "<!doctype html>"} {
		r, err := http.Get(ts.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if r.StatusCode != 200 || !strings.Contains(string(b), says) {
			t.Errorf("%s: %d %.80s", path, r.StatusCode, b)
		}
	}
}
