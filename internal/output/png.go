package output

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
)

// A PNG of csnet's carries a text chunk right behind its header that says what it
// is: no photo or mask of the user's is taken for one. It changes no pixel.
const (
	pngMagic   = "\x89PNG\r\n\x1a\n"
	pngHeader  = 8 + 8 + 13 + 4 // magic and IHDR with length, name and checksum
	pngKeyword = "Software\x00csnet: "
)

// PNG is the kind of PNG files that MarkPNG marked as what.
func PNG(what string) Kind {
	return Kind{Name: "a " + what, Is: func(path string) bool {
		f, err := os.Open(path)
		if err != nil {
			return false
		}
		defer f.Close()
		chunk := pngChunk(what)
		head := make([]byte, pngHeader+len(chunk))
		_, err = io.ReadFull(f, head)
		return err == nil && bytes.HasPrefix(head, []byte(pngMagic)) && bytes.Equal(head[pngHeader:], chunk)
	}}
}

// MarkPNG passes a PNG on to w and puts the mark of a what behind its header.
func MarkPNG(w io.Writer, what string) io.Writer { return &marker{w: w, chunk: pngChunk(what)} }

type marker struct {
	w     io.Writer
	seen  int
	chunk []byte
}

func (m *marker) Write(b []byte) (int, error) {
	n := 0
	if left := pngHeader - m.seen; left > 0 && len(b) >= left {
		var err error
		if n, err = m.w.Write(b[:left]); err != nil {
			return n, err
		}
		m.seen += n
		if _, err := m.w.Write(m.chunk); err != nil {
			return n, err
		}
	}
	k, err := m.w.Write(b[n:])
	m.seen += k
	return n + k, err
}

func pngChunk(what string) []byte {
	text := pngKeyword + what
	c := binary.BigEndian.AppendUint32(nil, uint32(len(text)))
	c = append(c, "tEXt"+text...)
	return binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
}
