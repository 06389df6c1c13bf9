package server

import (
	"bytes"
	"net/http"
	"testing"
)

// A client that asks for the connection to be closed, and still sends a body that nobody
// will read, gets its answer and not a reset: too many bytes, a wrong method, no such page.
// Of five of each kind one may be late: on a machine that stands still for half a second.
func TestUnreadBodiesAreAnswered(t *testing.T) {
	ts := newTest(t, nil)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, c := range []struct {
		method, path string
		code         int
	}{{"POST", "/v1/saliency", 413}, {"PUT", "/v1/saliency", 405}, {"POST", "/nowhere", 404}} {
		answers := 0
		for range 5 {
			q, err := http.NewRequest(c.method, ts.URL+c.path, bytes.NewReader(make([]byte, 40<<20)))
			if err != nil {
				t.Fatal(err)
			}
			r, err := client.Do(q)
			if err != nil {
				t.Log(err)
				continue
			}
			r.Body.Close()
			if r.StatusCode == c.code {
				answers++
			}
		}
		if answers < 4 {
			t.Errorf("%s %s: %d of 5 clients were answered with %d", c.method, c.path, answers, c.code)
		}
	}
}
