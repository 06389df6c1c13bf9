package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"csnet/internal/server"
)

// serveOptions are the flags of csnet serve.
type serveOptions struct {
	Checkpoint, Addr  string
	Size, Threads     int
	Queue, Megapixels int
	Megabytes         int
	Upload, Timeout   time.Duration
	Drain, Grace      time.Duration
	Probe             bool
}

func newServeCommand(io streams) *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use:   "serve [--checkpoint F] [--addr HOST:PORT]",
		Short: "Give maps and cut-outs over HTTP, with a page to try it",
		Long: `Answers POST /v1/saliency: a photo as the body, or as the field "photo" of a form;
?as=map (the default), mask, cutout, overlay, crop or json, with &threshold=N,
&background=COLOUR and &size=N. The page at / takes a photo by drop or paste.
/healthz, /readyz and /metrics are for those who run it.

Bodies, pixels, time, memory and the queue are bounded: 408, 413, 503 and 504 say
so. Nothing is fetched from elsewhere and no photo is kept. On Ctrl-C or SIGTERM
/readyz says 503, what comes within --drain is still taken, and every request that
was taken is answered.`,
		Example: `  csnet serve                                     # http://127.0.0.1:8080
  csnet serve --addr :80 --checkpoint net.safetensors
  csnet serve --probe --addr :80                  # is that one well?
  curl --data-binary @photo.jpg 'localhost:8080/v1/saliency?as=cutout' > cut.png`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Probe {
				return probe(cmd.Context(), o.Addr)
			}
			return runServe(cmd.Context(), o, io)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Checkpoint, "checkpoint", "", "checkpoint to run (default: the embedded model)")
	f.StringVar(&o.Addr, "addr", "127.0.0.1:8080", "address to listen on, HOST:PORT")
	f.IntVar(&o.Size, "size", 0, "side of the net input (default: the checkpoint's)")
	f.IntVar(&o.Threads, "threads", 0, "photos at the same time; 0 = one per core")
	f.IntVar(&o.Queue, "queue", 64, "requests that may wait for a net; more get 503")
	f.IntVar(&o.Megabytes, "max-bytes", 32, "largest body, in `MiB`; more gets 413")
	f.IntVar(&o.Megapixels, "max-pixels", 50, "largest photo, in `megapixels`; more gets 413")
	f.DurationVar(&o.Upload, "upload-timeout", time.Minute, "how long a photo may take to come; more gets 408")
	f.DurationVar(&o.Timeout, "timeout", 30*time.Second, "longest wait for an answer; more gets 504")
	f.DurationVar(&o.Drain, "drain", time.Second, "how long new requests are still taken when the server ends")
	f.DurationVar(&o.Grace, "grace", 30*time.Second, "how long requests at work may take when the server ends")
	f.BoolVar(&o.Probe, "probe", false, "ask the server at --addr whether it is well: exit code 0 or 1")
	return c
}

func (o serveOptions) check() error {
	switch {
	case o.Threads < 0 || o.Threads > 1024:
		return usagef("--threads is %d, must be 0 to 1024", o.Threads)
	case o.Queue < 0 || o.Queue > 1<<20:
		return usagef("--queue is %d, must be 0 to %d", o.Queue, 1<<20)
	case o.Megabytes < 1 || o.Megabytes > 1024:
		return usagef("--max-bytes is %d, must be 1 to 1024 MiB", o.Megabytes)
	case o.Megapixels < 1 || o.Megapixels > 134:
		return usagef("--max-pixels is %d, must be 1 to 134 megapixels", o.Megapixels)
	case o.Timeout <= 0 || o.Upload <= 0:
		return usagef("--timeout is %v and --upload-timeout %v, must be above 0s", o.Timeout, o.Upload)
	case o.Grace < 0 || o.Drain < 0:
		return usagef("--grace is %v and --drain %v, must be at least 0s", o.Grace, o.Drain)
	}
	return nil
}

func runServe(ctx context.Context, o serveOptions, io streams) error {
	if err := o.check(); err != nil {
		return err
	}
	n, err := loadEvalNet(orEmbedded(o.Checkpoint, io), o.Size)
	if err != nil {
		return err
	}
	n.sayUndigested(io)
	threads := o.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	memory := askMemory()
	if err := memory.roomForWorkers(n.Spec, n.size, threads); err != nil {
		return err
	}
	bytes := int64(o.Megabytes) << 20
	s, err := server.New(server.Options{
		NewNet: n.predictor(1), Nets: threads, Size: n.size, Queue: o.Queue,
		MaxBytes: bytes, MaxHeld: heldPhotos * bytes, MaxPixels: o.Megapixels * 1e6, Room: memory.pictureRoom(), Upload: o.Upload, Timeout: o.Timeout,
	})
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := server.Listen(ctx, o.Addr)
	if err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	fmt.Fprintf(io.err, "listening on http://%s, %d photos at the same time; Ctrl-C ends it\n", l.Addr(), threads)
	if err := s.Run(ctx, l, server.Ending{Drain: o.Drain, Grace: o.Grace}); err != nil {
		return err
	}
	fmt.Fprintln(io.err, "ended: every request was answered")
	return nil
}

// heldPhotos is how many photos of --max-bytes the server holds in memory at most;
// of smaller ones it holds more.
const heldPhotos = 8

// probe asks a running server whether it is well.
func probe(ctx context.Context, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return usagef("--addr: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return usagef("--addr: %w", err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", r.URL, answer.Status)
	}
	return nil
}
