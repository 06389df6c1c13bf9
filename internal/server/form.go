package server

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
)

// isParameter reports whether a request may say how it wants its result by this name.
func isParameter(name string) bool {
	switch name {
	case "as", "threshold", "background", "size":
		return true
	}
	return false
}

// longestParameter bounds the value of a parameter in a form, in bytes.
const longestParameter = 100

// body returns the photo of a raw body or of a form, nil where a form has none. The
// form's fields that are parameters are added to asked, those of other names are not
// looked at.
func body(in io.Reader, r *http.Request, asked url.Values) ([]byte, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return io.ReadAll(in)
	}
	var photo []byte
	found := false
	parts := multipart.NewReader(in, params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return photo, nil
		}
		if err != nil {
			return nil, err
		}
		switch name := part.FormName(); {
		case name == "photo" || name == "file":
			if found {
				return nil, errors.New("the form has more than one photo, must have one")
			}
			if photo, err = io.ReadAll(part); err != nil {
				return nil, err
			}
			found = true
		case isParameter(name):
			value, err := io.ReadAll(io.LimitReader(part, longestParameter+1))
			if err != nil {
				return nil, err
			}
			if len(value) > longestParameter {
				return nil, fmt.Errorf("the form's field %s has more than %d bytes", name, longestParameter)
			}
			asked.Add(name, string(value))
		}
	}
}
