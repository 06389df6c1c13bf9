package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// attack is a client that does something wrong.
type attack struct {
	name string
	want string // codes that are right, with spaces
	do   func(address, api string, photo []byte) (int, error)
}

func attacks() []attack {
	body := func(kind string, b []byte) func(string, string, []byte) (int, error) {
		return func(_, api string, _ []byte) (int, error) { return send(api, kind, bytes.NewReader(b)) }
	}
	return []attack{
		{"sends a byte and then nothing", "408", func(_, api string, _ []byte) (int, error) {
			r, w := io.Pipe()
			defer w.Close()
			go func() { _, _ = w.Write([]byte{0xff}) }()
			return send(api, "image/jpeg", r)
		}},
		{"sends a photo byte by byte", "408", func(_, api string, photo []byte) (int, error) {
			return send(api, "image/jpeg", &slow{photo})
		}},
		{"sends half a header and then nothing", "closed", half("POST /v1/saliency HTTP/1.1\r\nHost: x\r\n", 0)},
		{"sends half a photo and hangs up", "closed", half("POST /v1/saliency HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n\xff\xd8\xff", time.Second)},
		{"is no HTTP at all", "400", half("\x16\x03\x01 hello\r\n\r\n", 0)},
		{"sends a broken photo", "415", func(_, api string, photo []byte) (int, error) {
			return send(api, "image/jpeg", bytes.NewReader(append(bytes.Clone(photo[:20]), make([]byte, 5000)...)))
		}},
		{"sends text", "415", body("image/jpeg", []byte("this is no photo"))},
		{"sends a form cut short", "400", body("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"photo\"\r\n\r\nxx"))},
		{"sends 40 MB, and says so", "413", body("image/jpeg", make([]byte, 40<<20))},
		{"sends 40 MB, and does not say so", "413", func(_, api string, _ []byte) (int, error) {
			return send(api, "image/jpeg", io.LimitReader(zeros{}, 40<<20))
		}},
		{"says it has 10000x10000 pixels", "413", func(_, api string, _ []byte) (int, error) {
			return send(api, "image/png", bytes.NewReader(bomb(10000, 20000)))
		}},
		{"says it has 60000x60000 pixels", "415", body("image/png", bomb(60000, 0))},
		{"reads no answer for three seconds", "200", lazy},
	}
}

// answer is what an attacker got, and when.
type answer struct {
	a    attack
	code int
	err  error
	took time.Duration
}

// table prints n answers, a row each, and returns how many are wrong.
func table(answers <-chan answer, n int) (bad int) {
	fmt.Printf("\n| a client that | is answered | after |\n|---|---|---|\n")
	for range n {
		r := <-answers
		said := fmt.Sprint(r.code)
		if r.err != nil || r.code == 0 {
			said = "closed"
		}
		fmt.Printf("| %s | %s | %.1f s |\n", r.a.name, said, r.took.Seconds())
		if said != r.a.want {
			bad++
			fmt.Printf("wrong: must be %s (%v)\n", r.a.want, r.err)
		}
	}
	return bad
}

// hostilePart lets each attacker come while other clients work, and compares what
// those get with what they get alone.
func hostilePart(ctx context.Context, o options) error {
	p, err := serve(ctx, o, "--upload-timeout", "3s")
	if err != nil {
		return err
	}
	defer p.kill()
	u, err := url.Parse(p.url)
	if err != nil {
		return err
	}
	long := min(o.seconds, 10*time.Second)
	rate := func() (float64, error) {
		end := time.Now().Add(long)
		r := drive(o, p.url, func(int64) bool { return time.Now().Before(end) && ctx.Err() == nil })
		if len(r.lost) > 0 || len(r.codes) != 1 {
			return 0, fmt.Errorf("other clients' answers: %v, lost %v", r.codes, r.lost)
		}
		return float64(len(r.waits)) / r.took.Seconds(), nil
	}
	alone, err := rate()
	if err != nil {
		return err
	}
	answers := make(chan answer)
	all := attacks()
	for _, a := range all {
		go func() {
			begin := time.Now()
			code, err := a.do(u.Host, p.url, o.photos[0])
			answers <- answer{a, code, err, time.Since(begin)}
		}()
	}
	beside := make(chan error, 1)
	var with float64
	go func() {
		var err error
		with, err = rate()
		beside <- err
	}()
	bad := table(answers, len(all))
	if err := <-beside; err != nil {
		return err
	}
	fmt.Printf("\n%d other clients: %.1f photos a second alone, %.1f beside these\n", o.clients, alone, with)
	if bad > 0 {
		return fmt.Errorf("%d answers are wrong", bad)
	}
	return nil
}

// send posts a body over a connection of its own.
func send(api, kind string, body io.Reader) (int, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}
	r, err := client.Post(api, kind, body)
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	_, _ = io.Copy(io.Discard, r.Body)
	return r.StatusCode, nil
}

// half sends some bytes and waits for an answer or the end; it hangs up itself
// after a time that is not 0.
func half(text string, hangUp time.Duration) func(address, api string, photo []byte) (int, error) {
	return func(address, _ string, _ []byte) (int, error) {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		if _, err := io.WriteString(c, text); err != nil {
			return 0, err
		}
		if hangUp > 0 {
			time.Sleep(hangUp)
			return 0, nil
		}
		_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
		b, err := io.ReadAll(c)
		code := 0
		_, _ = fmt.Sscanf(string(b), "HTTP/1.1 %d", &code)
		return code, err
	}
}

// lazy posts a photo and reads nothing for a while.
func lazy(address, _ string, photo []byte) (int, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	fmt.Fprintf(c, "POST /v1/saliency HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", len(photo))
	if _, err := c.Write(photo); err != nil {
		return 0, err
	}
	time.Sleep(3 * time.Second)
	b, err := io.ReadAll(c)
	code := 0
	_, _ = fmt.Sscanf(string(b), "HTTP/1.1 %d", &code)
	return code, err
}

// slow gives ten bytes a second.
type slow struct{ b []byte }

func (s *slow) Read(p []byte) (int, error) {
	time.Sleep(100 * time.Millisecond)
	if len(s.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:1], s.b)
	s.b = s.b[n:]
	return n, nil
}

// zeros gives zeros.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// bomb is a PNG of few bytes, so many more than it needs, that claims side x side
// pixels.
func bomb(side uint32, more int) []byte {
	var b strings.Builder
	b.WriteString("\x89PNG\r\n\x1a\n")
	for _, c := range []struct{ kind, body string }{
		{"IHDR", string(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, side), side)) + "\x08\x02\x00\x00\x00"},
		{"IDAT", "\x78\x9c\x03\x00\x00\x00\x00\x01" + strings.Repeat("\x00", more)}, {"IEND", ""},
	} {
		b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(c.body))))
		b.WriteString(c.kind + c.body)
		b.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(c.kind+c.body))))
	}
	return []byte(b.String())
}
