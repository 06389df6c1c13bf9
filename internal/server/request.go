package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"csnet/internal/forms"
	"csnet/internal/imagefile"
	"csnet/internal/predict"
)

// problem is an answer that is no result.
type problem struct {
	code int
	err  error
}

// wish is what a request asks for.
type wish struct {
	form  predict.Form // "": JSON
	style predict.Style
}

// gone is the code, in the metrics alone, of a request whose sender went away before
// the answer (nginx's number for it).
const gone = 499

// saliency answers POST /v1/saliency.
func (s *Server) saliency(w http.ResponseWriter, r *http.Request) {
	begin := time.Now() //nolint:forbidigo // a server measures its answers
	as, p := s.answer(w, r)
	code := http.StatusOK
	if p != nil {
		code, as = p.code, "error"
		s.refuse(w, p)
	}
	s.meter.counted(code)
	s.meter.timed(as, time.Since(begin)) //nolint:forbidigo // as above
}

// refuse answers with a problem.
func (s *Server) refuse(w http.ResponseWriter, p *problem) {
	switch p.code {
	case gone:
		return
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	case http.StatusRequestTimeout:
		w.Header().Set("Connection", "close") // the rest of the body may still come
	}
	s.lastOnes(w)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(p.code)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": p.err.Error()}) // the reader went away
}

// made is what a net made of a photo.
type made struct {
	product predict.Product
	err     error
}

// answer writes the result and says what it is, or says what keeps it from that
// before anything is written.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) (as string, p *problem) {
	asked := r.URL.Query()
	if _, err := wanted(asked); err != nil {
		return "", &problem{http.StatusBadRequest, err}
	}
	holds := &share{of: &s.held}
	working := false
	defer func() {
		if !working {
			holds.free()
		}
	}()
	content, p := s.photo(w, r, holds, asked)
	if p != nil {
		return "", p
	}
	want, err := wanted(asked) // and what a form adds
	if err != nil {
		return "", &problem{http.StatusBadRequest, err}
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.o.Timeout)
	defer cancel()
	net, err := s.take(ctx)
	switch {
	case errors.Is(err, errBusy):
		return "", &problem{http.StatusServiceUnavailable, err}
	case err != nil:
		return "", late(r)
	}
	done := make(chan made, 1)
	go func() { // a net that has begun is not stopped: it goes back when it is done
		m := use(net, want.style, content)
		s.nets <- net
		done <- m
	}()
	select {
	case <-ctx.Done():
		working = true
		go func() { <-done; holds.free() }()
		return "", late(r)
	case m := <-done:
		if p := m.problem(); p != nil {
			return "", p
		}
		for _, f := range m.product.Files {
			holds.force(int64(len(f)))
		}
		s.lastOnes(w)
		write(w, want, m.product)
		return cmp.Or(string(want.form), "json"), nil
	}
}

// use makes a product. A photo that makes a decoder panic is bad, and no more.
func use(net *predict.Maker, style predict.Style, content []byte) (m made) {
	defer func() {
		if v := recover(); v != nil {
			m = made{err: fmt.Errorf("server: the photo made the program panic: %v", v)}
		}
	}()
	net.SetStyle(style)
	m.product, m.err = net.Make(content)
	return m
}

func (m made) problem() *problem {
	var bad *predict.BadPhoto
	switch {
	case errors.As(m.err, &bad):
		return &problem{http.StatusUnsupportedMediaType, m.err}
	case m.err != nil:
		return &problem{http.StatusInternalServerError, m.err}
	}
	return nil
}

// late says why there is no answer: the time is over, or nobody waits for it.
func late(r *http.Request) *problem {
	if r.Context().Err() != nil {
		return &problem{gone, r.Context().Err()}
	}
	return &problem{http.StatusGatewayTimeout, errLate}
}

// photo reads the request's photo and refuses one that is too large before it is
// decoded. Parameters that are fields of a form go to asked.
func (s *Server) photo(w http.ResponseWriter, r *http.Request, holds *share, asked url.Values) ([]byte, *problem) {
	tooLarge := &problem{http.StatusRequestEntityTooLarge, fmt.Errorf("the photo has more than %d bytes", s.o.MaxBytes)}
	if r.ContentLength > s.o.MaxBytes {
		return nil, tooLarge
	}
	// A writer without deadlines, as tests have, is no reason not to answer. The
	// deadline goes with the last byte: the answer has a time of its own.
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(s.o.Upload)) //nolint:forbidigo // a server keeps its time
	content, err := body(holds.reader(http.MaxBytesReader(w, r.Body, s.o.MaxBytes)), r, asked)
	if err == nil {
		_ = c.SetReadDeadline(time.Time{})
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, tooLarge
	case errors.Is(err, errFull):
		return nil, &problem{http.StatusServiceUnavailable, err}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &problem{http.StatusRequestTimeout, fmt.Errorf("the photo did not come within %v", s.o.Upload)}
	case err != nil:
		return nil, &problem{http.StatusBadRequest, fmt.Errorf("the request cannot be read: %w", err)}
	case len(content) == 0:
		return nil, &problem{http.StatusBadRequest, errors.New(`no photo: send it as the body, or as the field "photo" of a form`)}
	}
	f, err := imagefile.Open(content)
	if err != nil {
		return nil, &problem{http.StatusUnsupportedMediaType, err}
	}
	if w, h := f.Size(); w*h > s.o.MaxPixels {
		return nil, &problem{http.StatusRequestEntityTooLarge, fmt.Errorf("the photo has %dx%d pixels, must be at most %d", w, h, s.o.MaxPixels)}
	}
	return content, nil
}

// wanted reads what a request asks for.
func wanted(q url.Values) (wish, error) {
	for key, values := range q {
		if !isParameter(key) {
			return wish{}, fmt.Errorf("%q is no parameter, must be as, threshold, background or size", key)
		}
		if len(values) > 1 {
			return wish{}, fmt.Errorf("%s is given %d times, must be once", key, len(values))
		}
	}
	want := wish{style: predict.Style{Format: predict.PNG, Bits: 8, Threshold: predict.Otsu, Margin: 0.05}}
	switch as := q.Get("as"); as {
	case "", "map":
		want.form = predict.Map
	case "json":
		want.style.Facts, want.style.Forms = true, []predict.Form{}
	default:
		fs, err := predict.ParseForms([]string{as})
		if err != nil {
			return wish{}, fmt.Errorf("as: %w, json", err)
		}
		want.form = fs[0]
	}
	if want.form != "" {
		want.style.Forms = []predict.Form{want.form}
	}
	for key, most := range map[string]int{"threshold": 254, "size": 1 << 14} {
		if text := q.Get(key); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > most {
				return wish{}, fmt.Errorf("%s is %q, must be 0 to %d", key, text, most)
			}
			if key == "size" {
				want.style.SaveSize = n
			} else {
				want.style.Threshold = n
			}
		}
	}
	if text := q.Get("background"); text != "" {
		c, err := forms.ParseColour(text)
		if err != nil {
			return wish{}, fmt.Errorf("background: %w", err)
		}
		want.style.OnColour = &c
	}
	return want, nil
}

// write writes a result.
func write(w http.ResponseWriter, want wish, p predict.Product) {
	if want.form == "" {
		f := p.Facts
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{ // the reader went away
			"width": p.W, "height": p.H, "mean": f.Mean, "area": f.Area, "threshold": f.Threshold,
			"box": [4]int{f.Box.Min.X, f.Box.Min.Y, f.Box.Dx(), f.Box.Dy()}, "centre": [2]float64{f.CentreX, f.CentreY},
		})
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Content-Length", strconv.Itoa(len(p.Files[0])))
	_, _ = w.Write(p.Files[0]) // the reader went away
}
