//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// server is a csnet serve that photos are posted to.
type server struct {
	command *exec.Cmd
	url     string
	errs    *log
}

// log keeps what a process says.
type log struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (a *arena) serve() (*server, error) {
	if a.server != nil {
		return a.server, nil
	}
	s := &server{errs: &log{}}
	s.command = exec.Command(a.csnet, "serve", "--checkpoint", filepath.Join(a.run, "checkpoints", "last.safetensors"), "--addr", "127.0.0.1:0", "--timeout", "1h")
	s.command.Stderr = s.errs
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	at := regexp.MustCompile(`http://[0-9.:]+`)
	for range 200 {
		if s.url = at.FindString(s.errs.text()); s.url != "" {
			a.server = s
			return s, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, fmt.Errorf("csnet serve does not listen: %s", s.errs.text())
}

// close ends the server and says what it took.
func (a *arena) close() {
	if a.server == nil {
		return
	}
	_ = a.server.command.Process.Signal(syscall.SIGTERM)
	_ = a.server.command.Wait()
	if u, ok := a.server.command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		fmt.Fprintf(os.Stderr, "csnet serve took at most %d MB and ended with %d\n", u.Maxrss>>10, a.server.command.ProcessState.ExitCode())
	}
}

func posted(a *arena, i int) (trial, error) {
	_, content, must := a.hostile()
	return trial{post: append([]byte{}, content...), must: must, args: []string{[]string{"map", "mask", "cutout", "overlay", "crop", "json"}[i%6]}}, nil
}

// tryPost posts a photo; the server must answer and go on.
func (a *arena) tryPost(kind string, i int, t trial) outcome {
	s, err := a.serve()
	if err != nil {
		fail(err)
	}
	ctx, cancel := patient()
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/v1/saliency?as="+t.args[0], bytes.NewReader(t.post))
	if err != nil {
		fail(err)
	}
	is, why := done, ""
	answer, err := http.DefaultClient.Do(r)
	switch {
	case ctx.Err() != nil:
		is = hung
	case err != nil:
		is, why = panicked, err.Error()
	default:
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		why = fmt.Sprintf("%d %.200q", answer.StatusCode, text)
		switch {
		case answer.StatusCode == http.StatusOK && t.must:
			is = silent
		case answer.StatusCode == http.StatusOK:
		case answer.StatusCode >= 400 && answer.StatusCode < 500 && bytes.Contains(text, []byte(`"error"`)):
			is = refused
		default:
			is = poor
		}
	}
	if strings.Contains(s.errs.text(), "goroutine ") {
		is, why = panicked, s.errs.text()
	}
	if is > refused {
		fmt.Fprintf(os.Stderr, "WRONG: %s %d: %s: %s\n", kind, i, is, why)
		_ = os.WriteFile(fmt.Sprintf("%s-post-%d", a.dir, i), t.post, 0o644)
	}
	return is
}
