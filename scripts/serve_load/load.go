package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// predictPart times csnet predict on all photos, files in, files out.
func predictPart(ctx context.Context, o options) error {
	best := time.Duration(1<<63 - 1)
	for range 3 {
		out, err := os.MkdirTemp("", "serve_load")
		if err != nil {
			return err
		}
		begin := time.Now()
		b, err := exec.CommandContext(ctx, o.csnet, append([]string{"predict", "--out", out}, o.names...)...).CombinedOutput()
		best = min(best, time.Since(begin))
		os.RemoveAll(out)
		if err != nil {
			return fmt.Errorf("%w: %s", err, b)
		}
	}
	fmt.Printf("| | photos a second | median | p99 | slowest | memory, most |\n|---|---|---|---|---|---|\n")
	fmt.Printf("| csnet predict, best of 3 | %.1f | | | | |\n", float64(len(o.names))/best.Seconds())
	return nil
}

// result is what clients saw.
type result struct {
	waits []time.Duration // of requests answered with 200
	codes map[int]int
	lost  []error // requests without an answer
	took  time.Duration
}

// at is the wait that this share of requests did not exceed.
func (r result) at(share float64) time.Duration {
	return r.waits[min(int(share*float64(len(r.waits))), len(r.waits)-1)]
}

// drive lets clients post photos one after another over connections that stay
// open, until more says no.
func drive(o options, url string, more func(sent int64) bool) result {
	res := result{codes: map[int]int{}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	var sent atomic.Int64
	begin := time.Now()
	for range o.clients {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for n := sent.Add(1); more(n); n = sent.Add(1) {
				from := time.Now()
				code, err := post(client, url, o.photos[int(n)%len(o.photos)])
				wait := time.Since(from)
				mu.Lock()
				switch {
				case err != nil:
					res.lost = append(res.lost, err)
				case code == http.StatusOK:
					res.waits = append(res.waits, wait)
				}
				res.codes[code]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	res.took = time.Since(begin)
	slices.Sort(res.waits)
	return res
}

// post sends a photo and reads the answer to its end.
func post(client *http.Client, url string, photo []byte) (int, error) {
	r, err := client.Post(url, "image/jpeg", bytes.NewReader(photo))
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	_, err = io.Copy(io.Discard, r.Body)
	return r.StatusCode, err
}

// loadPart loads csnet serve for a time.
func loadPart(ctx context.Context, o options) error {
	p, err := serve(ctx, o)
	if err != nil {
		return err
	}
	defer p.kill()
	return row(ctx, o, "csnet serve", p)
}

// peerPart loads the other server, where one is named, for as long.
func peerPart(ctx context.Context, o options) error {
	if o.peer == "" {
		return nil
	}
	peer, err := servePeer(ctx, o)
	if err != nil {
		return err
	}
	defer peer.kill()
	return row(ctx, o, o.peer, peer)
}

func row(ctx context.Context, o options, name string, p *process) error {
	end := time.Now().Add(o.seconds)
	r := drive(o, p.url, func(int64) bool { return time.Now().Before(end) && ctx.Err() == nil })
	if len(r.lost) > 0 || len(r.codes) != 1 || len(r.waits) == 0 {
		return fmt.Errorf("%s: answers %v, lost %v", name, r.codes, r.lost)
	}
	_, peak := p.memory()
	fmt.Printf("| %s, %d clients, %v | %.1f | %d ms | %d ms | %d ms | %.0f MB |\n", name, o.clients, o.seconds,
		float64(len(r.waits))/r.took.Seconds(), r.at(0.5).Milliseconds(), r.at(0.99).Milliseconds(), r.waits[len(r.waits)-1].Milliseconds(), peak)
	return nil
}

// memoryPart tells the memory after every tenth of many requests.
func memoryPart(ctx context.Context, o options) error {
	p, err := serve(ctx, o)
	if err != nil {
		return err
	}
	defer p.kill()
	fmt.Printf("\n| requests | memory, MB | most so far, MB |\n|---|---|---|\n")
	var peaks []float64
	for i := range 10 {
		tenth := int64(o.requests / 10)
		r := drive(o, p.url, func(n int64) bool { return n <= tenth && ctx.Err() == nil })
		if len(r.lost) > 0 || len(r.codes) != 1 {
			return fmt.Errorf("answers %v, lost %v", r.codes, r.lost)
		}
		now, peak := p.memory()
		peaks = append(peaks, peak)
		fmt.Printf("| %d | %.1f | %.1f |\n", (i+1)*o.requests/10, now, peak)
	}
	if last, early := peaks[9], peaks[1]; last > 1.1*early {
		return fmt.Errorf("the most grows from %.1f MB after two tenths to %.1f MB", early, last)
	}
	return nil
}
