#!/usr/bin/env bash
# An answer of Go's net/http to a body that is not read reaches clients that keep their connection, and is often lost to
# those that ask for it to be closed.
#
# Versions:    net/http of Go 1.26 (go1.26.8), client and server, TCP over loopback, Linux
# Expectation: a handler that refuses a request without reading its body (413, 404, 405) is heard, whatever the client's
#              Connection header says: the server flushes, closes its side of the connection and waits half a second,
#              as it does for a body beyond http.MaxBytesReader, so that no reset overtakes the answer.
# Behaviour:   where the request says Connection: close, the body counts as one that needs no reading for the next
#              request, and so not as one that was closed early: the connection is closed at once, with bytes unread,
#              and the kernel sends a reset. The client gets "connection reset by peer" in place of the status. With
#              keep-alive the same handler's answers all arrive. Hitting the limit of a MaxBytesReader of one's own
#              behind the handler brings the wait back.
# Output seen: answered of 40: keep-alive 40, close 23, close with a limit that was hit 40   (the second number varies)
# Exits 0 while this holds, 1 when it has changed. Needs go.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module finding

go 1.26
MOD
cat > main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
)

const tries = 40

// answered counts the clients that hear the status of a handler that reads nothing.
func answered(closes, limit bool) int {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		if limit {
			_, _ = io.ReadAll(http.MaxBytesReader(w, io.NopCloser(strings.NewReader("x")), 0))
		}
	}))
	defer s.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: closes}}
	n := 0
	for range tries {
		r, err := client.Post(s.URL, "image/jpeg", bytes.NewReader(make([]byte, 40<<20)))
		if err != nil {
			continue
		}
		r.Body.Close()
		if r.StatusCode == http.StatusRequestEntityTooLarge {
			n++
		}
	}
	return n
}

func main() {
	keep, closed, limited := answered(false, false), answered(true, false), answered(true, true)
	fmt.Printf("answered of %d: keep-alive %d, close %d, close with a limit that was hit %d\n", tries, keep, closed, limited)
	if keep < tries-4 || limited < tries-4 || closed > tries-8 {
		fmt.Println("this has changed")
		os.Exit(1)
	}
}
GO
GOFLAGS=-mod=mod GOTOOLCHAIN=local go run .
