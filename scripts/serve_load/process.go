package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server at work.
type process struct {
	cmd  *exec.Cmd
	url  string // a photo is posted to it
	said chan string
}

// serve starts csnet serve on a free port.
func serve(ctx context.Context, o options, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, o.csnet, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...), said: make(chan string, 1)}
	err := p.begin(func(line string) string {
		_, rest, _ := strings.Cut(line, "listening on ")
		addr, _, _ := strings.Cut(rest, ",")
		return addr
	})
	p.url += "/v1/saliency"
	return p, err
}

// begin starts a process and waits for the line of stderr that has its address.
func (p *process) begin(address func(line string) string) error {
	out, err := p.cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	var said bytes.Buffer
	lines := bufio.NewScanner(out)
	for p.url == "" && lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		p.url = address(lines.Text())
	}
	if p.url == "" {
		return fmt.Errorf("%v did not start: %w: %s", p.cmd.Args, p.cmd.Wait(), said.String())
	}
	go func() {
		for lines.Scan() {
			fmt.Fprintln(&said, lines.Text())
		}
		p.said <- said.String()
	}()
	return nil
}

// servePeer starts the other server and waits until it answers.
func servePeer(ctx context.Context, o options) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	words := append(strings.Fields(o.peer), port)
	p := &process{cmd: exec.CommandContext(ctx, words[0], words[1:]...), url: "http://127.0.0.1:" + port + "/", said: make(chan string, 1)}
	p.said <- ""
	var errors bytes.Buffer
	p.cmd.Stderr = &errors
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for range 300 {
		r, err := http.Post(p.url, "image/jpeg", bytes.NewReader(o.photos[0]))
		if err == nil {
			b, _ := io.ReadAll(r.Body)
			r.Body.Close()
			if r.StatusCode == http.StatusOK && bytes.HasPrefix(b, []byte("\x89PNG")) {
				return p, nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.kill()
	return nil, fmt.Errorf("%v does not answer: %s", words, errors.String())
}

// end sends SIGTERM and waits. It returns what the server said.
func (p *process) end() (string, error) {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return "", err
	}
	said := <-p.said
	err := p.cmd.Wait()
	return said, err
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// memory is a process's resident memory and the most that it was, in MB.
func (p *process) memory() (now, peak float64) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		kb, _ := strconv.ParseFloat(f[1], 64)
		switch f[0] {
		case "VmRSS:":
			now = kb / 1000
		case "VmHWM:":
			peak = kb / 1000
		}
	}
	return now, peak
}
