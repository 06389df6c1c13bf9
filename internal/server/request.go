package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
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

// saliency answers POST /v1/saliency.
func (s *Server) saliency(w http.ResponseWriter, r *http.Request) {
	begin := time.Now() //nolint:forbidigo // a server measures its answers
	as := r.URL.Query().Get("as")
	p := s.answer(w, r)
	code := http.StatusOK
	if p != nil {
		code, as = p.code, "error"
		if code == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "1")
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": p.err.Error()}) // the reader went away
	}
	s.count.WithLabelValues(strconv.Itoa(code)).Inc()
	s.seconds.WithLabelValues(as).Observe(time.Since(begin).Seconds()) //nolint:forbidigo // as above
}

// answer writes the result, or says what keeps it from that before anything is
// written.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) *problem {
	want, err := wanted(r)
	if err != nil {
		return &problem{http.StatusBadRequest, err}
	}
	content, p := s.photo(w, r)
	if p != nil {
		return p
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.o.Timeout)
	defer cancel()
	net, err := s.take(ctx)
	switch {
	case errors.Is(err, errBusy):
		return &problem{http.StatusServiceUnavailable, err}
	case err != nil:
		return &problem{http.StatusGatewayTimeout, err}
	}
	type made struct {
		product predict.Product
		err     error
	}
	done := make(chan made, 1)
	go func() { // a net that has begun is not stopped: it goes back when it is done
		product, err := predict.NewMaker(net, s.o.Size, want.style).Make(content)
		s.nets <- net
		done <- made{product, err}
	}()
	select {
	case <-ctx.Done():
		return &problem{http.StatusGatewayTimeout, errLate}
	case m := <-done:
		var bad *predict.BadPhoto
		switch {
		case errors.As(m.err, &bad):
			return &problem{http.StatusUnsupportedMediaType, m.err}
		case m.err != nil:
			return &problem{http.StatusInternalServerError, m.err}
		}
		write(w, want, m.product)
		return nil
	}
}

// photo reads the request's photo and refuses one that is too large before it is
// decoded.
func (s *Server) photo(w http.ResponseWriter, r *http.Request) ([]byte, *problem) {
	content, err := body(http.MaxBytesReader(w, r.Body, s.o.MaxBytes), r)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, &problem{http.StatusRequestEntityTooLarge, fmt.Errorf("the photo has more than %d bytes", s.o.MaxBytes)}
	case err != nil:
		return nil, &problem{http.StatusBadRequest, fmt.Errorf("the photo cannot be read: %w", err)}
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

// body returns the photo of a raw body or of a form.
func body(in io.Reader, r *http.Request) ([]byte, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return io.ReadAll(in)
	}
	parts := multipart.NewReader(in, params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if name := part.FormName(); name == "photo" || name == "file" {
			return io.ReadAll(part)
		}
	}
}

// wanted reads what a request asks for.
func wanted(r *http.Request) (wish, error) {
	q := r.URL.Query()
	for key := range q {
		switch key {
		case "as", "threshold", "background", "size":
		default:
			return wish{}, fmt.Errorf("%q is no parameter, must be as, threshold, background or size", key)
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
			return wish{}, fmt.Errorf("as is %w, json", err)
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
