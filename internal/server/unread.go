package server

import (
	"errors"
	"io"
	"net/http"
	"strings"
)

// A request may be answered before its body has been read: one that says how large it is,
// and is too large. Package net/http closes such a connection. Where the client itself
// asked for that (Connection: close, HTTP/1.0) it does so at once, and what the client is
// still sending meets a reset, which takes the answer with it. After a body beyond the
// limit of an http.MaxBytesReader it waits until the client has had time to read.

// unread notices whether a body was read to its end.
type unread struct {
	io.ReadCloser
	ended bool
}

func (u *unread) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	u.ended = u.ended || errors.Is(err, io.EOF)
	return n, err
}

// answered has a client whose body was left unread get its answer.
func answered(w http.ResponseWriter, r *http.Request, h http.Handler) {
	if !r.Close || r.ContentLength == 0 {
		h.ServeHTTP(w, r)
		return
	}
	body := &unread{ReadCloser: r.Body}
	r.Body = body
	h.ServeHTTP(w, r)
	if !body.ended {
		beyond := http.MaxBytesReader(w, io.NopCloser(strings.NewReader("x")), 0)
		_, _ = io.ReadAll(beyond) // an error, as is meant
	}
}
