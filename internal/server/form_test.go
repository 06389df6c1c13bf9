package server

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// field is one of a form; a photo where the value is empty.
type field struct{ name, value string }

// postForm sends a form and returns the answer's code, kind and text.
func postForm(t *testing.T, url string, fields ...field) (code int, kind, text string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, f := range fields {
		if f.value != "" {
			_ = m.WriteField(f.name, f.value)
			continue
		}
		p, _ := m.CreateFormFile(f.name, "a.png")
		_, _ = p.Write(photo(20, 20))
	}
	m.Close()
	r, err := http.Post(url, m.FormDataContentType(), &b)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	return r.StatusCode, r.Header.Get("Content-Type"), string(body)
}

// Parameters count before the photo and after it; what is no parameter is let be, as
// browsers send the names of buttons.
func TestForm(t *testing.T) {
	ts := newTest(t, nil)
	image := field{"photo", ""}
	for _, c := range []struct {
		what, query string
		fields      []field
		code        int
		says        string // the kind of a result, or words of the error
	}{
		{"a photo", "", []field{image}, 200, "image/png"},
		{"a photo by another name", "", []field{{"file", ""}}, 200, "image/png"},
		{"a field that is no parameter", "", []field{{"note", "not a photo"}, image}, 200, "image/png"},
		{"a parameter of the address", "?as=json", []field{image}, 200, "application/json"},
		{"a parameter before the photo", "", []field{{"as", "json"}, image}, 200, "application/json"},
		{"a parameter after the photo", "", []field{image, {"as", "json"}}, 200, "application/json"},
		{"a wrong parameter", "", []field{image, {"as", "video"}}, 400, "video"},
		{"a parameter in both places", "?as=map", []field{image, {"as", "map"}}, 400, "as is given 2 times"},
		{"a parameter that is too long", "", []field{image, {"background", strings.Repeat("f", 101)}}, 400, "more than 100 bytes"},
		{"two photos", "", []field{image, image}, 400, "more than one photo"},
		{"no photo", "", []field{{"as", "json"}}, 400, "no photo"},
	} {
		code, kind, text := postForm(t, ts.URL+"/v1/saliency"+c.query, c.fields...)
		said := kind
		if code != 200 {
			var e struct{ Error string }
			_ = json.Unmarshal([]byte(text), &e)
			said = e.Error
		}
		if code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: %d %q, must be %d %q", c.what, code, said, c.code, c.says)
		}
	}
}
