// Package server gives saliency maps, masks and cut-outs over HTTP.
//
//	POST /v1/saliency?as=map|mask|cutout|overlay|crop|json   a photo in, as the body or as the field "photo" of a form
//	GET  /healthz /readyz /metrics                           for those who run it
//	GET  /                                                   a page to try it, which needs nothing from elsewhere
//
// It never fetches an address, keeps no photo, and bounds bytes, pixels, time and
// how many requests wait.
package server

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"csnet/internal/imagefile"
	"csnet/internal/predict"
	"csnet/internal/saliency"
)

// Options of a Server.
type Options struct {
	NewNet    func() (saliency.Net, error) // makes a net for one photo at a time
	Nets      int                          // photos at the same time, at least 1
	Size      int                          // side of the nets' input, pixels
	Queue     int                          // requests that may wait for a net; more are turned away with 503
	MaxBytes  int64                        // of a request's body; more is 413
	MaxPixels int                          // of a photo; more is 413
	MaxHeld   int64                        // bytes of the photos and answers of all requests together; more is 503
	Upload    time.Duration                // of a body from its first byte to its last; more is 408
	Room      *imagefile.Room              // that the photos being decoded share; nil: no bound
	Timeout   time.Duration                // of a request from its last byte to the answer; more is 504
}

// Server answers requests. It is an http.Handler.
type Server struct {
	o       Options
	mux     *http.ServeMux
	nets    chan *predict.Maker
	held    budget
	waiting atomic.Int64
	ending  atomic.Bool
	meter   meter
}

//go:embed page.html
var page []byte

// New makes the nets. Errors: options out of range; a net that cannot be made.
func New(o Options) (*Server, error) {
	if o.Nets < 1 || o.Queue < 0 || o.MaxBytes < 1 || o.MaxPixels < 1 || o.Timeout <= 0 || o.Upload <= 0 {
		return nil, fmt.Errorf("server: %d nets, queue of %d, %d bytes, %d pixels, %v to send, %v to answer: must be at least 1, 0, 1, 1 and above 0s",
			o.Nets, o.Queue, o.MaxBytes, o.MaxPixels, o.Upload, o.Timeout)
	}
	if o.MaxHeld < o.MaxBytes {
		return nil, fmt.Errorf("server: %d bytes for all photos, must be at least the %d of one", o.MaxHeld, o.MaxBytes)
	}
	s := &Server{
		o: o, mux: http.NewServeMux(), nets: make(chan *predict.Maker, o.Nets), held: budget{most: o.MaxHeld},
	}
	for range o.Nets {
		net, err := o.NewNet()
		if err != nil {
			s.Close()
			return nil, err
		}
		m := predict.NewMaker(net, o.Size, predict.Style{})
		m.Room = o.Room
		s.nets <- m
	}
	s.mux.HandleFunc("GET /metrics", s.exposeMetrics)
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	s.mux.HandleFunc("GET /readyz", s.ready)
	s.mux.HandleFunc("POST /v1/saliency", s.saliency)
	s.mux.HandleFunc("/v1/saliency", s.notPost)
	s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' blob: data:")
		_, _ = w.Write(page) // the reader went away
	})
	return s, nil
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	s.lastOnes(w)
	answered(w, r, s.mux)
}

// lastOnes closes the connection of an answer that is given while the server ends.
func (s *Server) lastOnes(w http.ResponseWriter) {
	if s.ending.Load() {
		w.Header().Set("Connection", "close")
	}
}

// Close frees the nets once no request is at work.
func (s *Server) Close() {
	for range len(s.nets) {
		_ = (<-s.nets).Close()
	}
}

// notPost answers every other method where photos are posted to.
func (s *Server) notPost(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	s.refuse(w, &problem{http.StatusMethodNotAllowed, fmt.Errorf("the method is %s, must be POST with a photo as the body or as the field \"photo\" of a form", r.Method)})
	s.meter.counted(http.StatusMethodNotAllowed)
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if s.ending.Load() {
		http.Error(w, "ending", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// errBusy and errLate say why a request got no net.
var (
	errBusy = errors.New("all nets are at work and the queue is full, try again in a moment")
	errLate = errors.New("there was no answer in time")
)

// take waits for a net.
func (s *Server) take(ctx context.Context) (*predict.Maker, error) {
	select {
	case net := <-s.nets:
		return net, nil
	default:
	}
	if s.waiting.Add(1) > int64(s.o.Queue) {
		s.waiting.Add(-1)
		return nil, errBusy
	}
	defer s.waiting.Add(-1)
	select {
	case net := <-s.nets:
		return net, nil
	case <-ctx.Done():
		return nil, errLate
	}
}
