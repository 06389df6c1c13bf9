package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"
)

// endPart ends servers under load. Clients send one request after another, over
// connections that stay open and over new ones, until no connection is taken any
// more; a request over a connection that was taken and that gets no answer is lost.
func endPart(ctx context.Context, o options) error {
	var mu sync.Mutex
	answered, after, refused := 0, 0, 0
	var lost []error
	longest := time.Duration(0)
	for i := range o.rounds {
		p, err := serve(ctx, o)
		if err != nil {
			return err
		}
		ended := make(chan struct{})
		var wg sync.WaitGroup
		for k := range o.clients {
			wg.Go(func() {
				client := &http.Client{Transport: &http.Transport{DisableKeepAlives: k%2 == 1}}
				defer client.CloseIdleConnections()
				for n := 0; ; n++ {
					code, err := post(client, p.url, o.photos[(k+n)%len(o.photos)])
					mu.Lock()
					switch {
					case errors.Is(err, syscall.ECONNREFUSED):
						refused++
						mu.Unlock()
						return
					case err != nil:
						lost = append(lost, err)
					case code != http.StatusOK:
						lost = append(lost, fmt.Errorf("an answer says %d", code))
					default:
						answered++
						select {
						case <-ended:
							after++
						default:
						}
					}
					mu.Unlock()
				}
			})
		}
		time.Sleep(300*time.Millisecond + time.Duration(i)*7*time.Millisecond)
		close(ended)
		begin := time.Now()
		said, err := p.end()
		longest = max(longest, time.Since(begin))
		if err != nil {
			return fmt.Errorf("the server ended with %w: %s", err, said)
		}
		if !strings.Contains(said, "every request was answered") {
			return fmt.Errorf("the server does not say that every request was answered: %s", said)
		}
		wg.Wait()
	}
	fmt.Printf("\nSIGTERM under the load of %d clients, %d times: %d requests answered, %d of them after the signal, %d turned away since nobody listened any more, %d lost; the end took %.1f s at most\n",
		o.clients, o.rounds, answered, after, refused, len(lost), longest.Seconds())
	if len(lost) > 0 {
		return fmt.Errorf("lost: %w", errors.Join(lost...))
	}
	return nil
}
