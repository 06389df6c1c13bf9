//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// trial is one command with hostile input.
type trial struct {
	args  []string
	place string       // what a refusal must name, in part of its text; "": nothing
	must  bool         // be refused
	check func() error // after exit code 0: what must hold; nil: anything is right
	post  []byte       // instead of args: a body for csnet serve
}

// outcome of a trial.
type outcome int

const (
	done outcome = iota
	refused
	poor
	panicked
	hung
	large
	silent
	outcomes
)

// Bounds of a trial: what no input of this program may take.
const (
	patience = 20 * time.Second
	mostKB   = 1 << 20
)

// arena is where trials are run.
type arena struct {
	options
	dir    string
	server *server
	photos [][]byte // whole pictures of every kind that can be written here
	names  []string // their endings
	config string
}

func newArena(o options) (*arena, error) {
	dir, err := filepath.Abs("arena")
	if err != nil {
		return nil, err
	}
	for _, p := range []*string{&o.csnet, &o.set, &o.run} {
		if *p, err = filepath.Abs(*p); err != nil {
			return nil, err
		}
	}
	a := &arena{options: o, dir: dir}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.Symlink(o.set, filepath.Join(dir, "set")); err != nil { // as the run's config names it
		return nil, err
	}
	raw, err := os.ReadFile(filepath.Join(o.run, "config.yaml"))
	if err != nil {
		return nil, err
	}
	a.config = string(raw)
	return a, a.drawPhotos()
}

func (a *arena) path(name string) string { return filepath.Join(a.dir, name) }

// write puts a file into the arena.
func (a *arena) write(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(a.path(name)), 0o755); err != nil {
		return err
	}
	return os.WriteFile(a.path(name), content, 0o644)
}

// exec runs csnet within the bounds of time and address space.
func (a *arena) exec(args ...string) (code int, out, errs string, kb int64, late bool) {
	ctx, cancel := patient()
	defer cancel()
	c := exec.CommandContext(ctx, "bash", append([]string{"-c", `ulimit -v 12582912; exec "$@"`, "_", a.csnet}, args...)...)
	var o, e bytes.Buffer
	c.Stdout, c.Stderr, c.Dir = &o, &e, a.dir
	err := c.Run()
	if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		kb = u.Maxrss
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return -1, o.String(), err.Error(), kb, false
	}
	return c.ProcessState.ExitCode(), o.String(), e.String(), kb, ctx.Err() != nil
}

// patient is a context that ends after so many ticks of this program, not of the
// clock: where the whole machine stands still for a while, nobody hangs.
func patient() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		const tick = 100 * time.Millisecond
		for range patience / tick {
			select {
			case <-ctx.Done():
				return
			case <-time.After(tick):
			}
		}
		cancel()
	}()
	return ctx, cancel
}

// try runs a trial, says what is wrong on stderr and keeps its files.
func (a *arena) try(kind string, i int, t trial) outcome {
	if t.post != nil {
		return a.tryPost(kind, i, t)
	}
	code, _, errs, kb, late := a.exec(t.args...)
	is, why := done, ""
	switch {
	case late:
		is = hung
	case strings.Contains(errs, "goroutine ") || strings.Contains(errs, "panic:") || code < 0:
		is = panicked
	case kb > mostKB:
		is, why = large, fmt.Sprintf("%d MB", kb>>10)
	case code == 0 && t.must:
		is, why = silent, "accepted"
	case code == 0 && t.check != nil:
		if err := t.check(); err != nil {
			is, why = silent, err.Error()
		}
	case code == 0:
	case code > 2:
		is, why = poor, fmt.Sprintf("exit %d", code)
	case !strings.Contains(errs, "csnet: ") || !strings.Contains(errs, t.place):
		is = poor
	default:
		is = refused
	}
	tail := strings.TrimSpace(errs)
	if a.verbose {
		fmt.Fprintf(os.Stderr, "%s %d: %s %s: csnet %.200s: %s\n", kind, i, is, why, strings.Join(t.args, " "), tail[max(0, len(tail)-400):])
	}
	if is > refused {
		fmt.Fprintf(os.Stderr, "WRONG: %s %d: %s %s: csnet %s: %s\n", kind, i, is, why, strings.Join(t.args, " "), tail[max(0, len(tail)-400):])
		_ = os.CopyFS(fmt.Sprintf("%s-%s-%d", a.dir, strings.Fields(kind)[0], i), os.DirFS(a.dir))
	}
	return is
}

func (o outcome) String() string {
	return [...]string{"done", "refused", "refused without a place", "panic", "hung", "large", "silently wrong"}[o]
}

type tally [outcomes]int

func (t *tally) add(o outcome) { t[o]++ }

func (t *tally) sum(u tally) {
	for i, n := range u {
		t[i] += n
	}
}

func (t tally) wrong() int { return t[panicked] + t[hung] + t[large] + t[silent] + t[poor] }

func (t tally) row(name string) {
	n := 0
	for _, v := range t {
		n += v
	}
	fmt.Printf("| %s | %d | %d | %d | %d | %d | %d | %d | %d |\n", name, n, t[done], t[refused], t[poor], t[panicked], t[hung], t[large], t[silent])
}
