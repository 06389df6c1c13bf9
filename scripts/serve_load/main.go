// Command serve_load loads csnet serve from this machine and prints what it bears,
// as Markdown: how many photos a second 8 clients get beside csnet predict, how long
// they wait, what memory it takes over thousands of requests, what becomes of slow,
// broken and oversized clients, and whether a request is lost when it is told to end.
//
//	go build -o /tmp/csnet ./cmd/csnet
//	go run ./scripts/serve_load --csnet /tmp/csnet --photos DIR --do predict,load,peer,memory,hostile,end
//
// --peer COMMAND loads another server too: the command is started with the port as
// its last word and must answer a POST of a photo to / on 127.0.0.1 with a map.
// Linux alone: memory is read from /proc. It exits with 1 where a promise is broken.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// options of a run.
type options struct {
	csnet, peer string
	photos      [][]byte
	names       []string
	clients     int
	seconds     time.Duration
	requests    int
	rounds      int
}

func main() {
	var o options
	var dir, do string
	var most int
	flag.StringVar(&o.csnet, "csnet", "csnet", "the program")
	flag.StringVar(&o.peer, "peer", "", "command of another server, without its port")
	flag.StringVar(&dir, "photos", "", "folder of JPEG photos")
	flag.IntVar(&most, "most", 1000, "how many of them")
	flag.StringVar(&do, "do", "predict,load,peer,memory,hostile,end", "parts, in this order")
	flag.IntVar(&o.clients, "clients", 8, "clients at the same time")
	flag.DurationVar(&o.seconds, "for", time.Minute, "how long the load lasts")
	flag.IntVar(&o.requests, "requests", 5000, "requests of the memory's part")
	flag.IntVar(&o.rounds, "rounds", 20, "how often a server is ended under load")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, dir, most, strings.Split(do, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "serve_load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, dir string, most int, parts []string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("--photos %s: has no *.jpg", dir)
	}
	o.names = names[:min(most, len(names))]
	bytes := 0
	for _, name := range o.names {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		o.photos, bytes = append(o.photos, b), bytes+len(b)
	}
	fmt.Printf("%d photos of %d kB on average\n\n", len(o.photos), bytes/len(o.photos)/1000)
	for _, part := range []struct {
		name string
		do   func(context.Context, options) error
	}{{"predict", predictPart}, {"load", loadPart}, {"peer", peerPart}, {"memory", memoryPart}, {"hostile", hostilePart}, {"end", endPart}} {
		if !slices.Contains(parts, part.name) {
			continue
		}
		if err := part.do(ctx, o); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}
