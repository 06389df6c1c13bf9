package data

import (
	"io"
	"os"

	"csnet/internal/imagefile"
)

// What is read of a file for its header at first, and how large a file may be of
// which all is read where that does not say enough (a TIFF has it at its end).
const (
	peekBytes = 1 << 16
	peekWhole = 1 << 26
)

// readBytes is what a pair takes per pixel once it is decoded: the photo as RGB and
// once more to be turned, the mask likewise.
const readBytes = 8

// need estimates what decoding picture files takes, each with perPixel bytes more for
// every pixel. A file that is no picture takes nothing; one that does not say how
// large it is takes as much as the largest picture.
func need(perPixel int64, paths ...string) int64 {
	n := int64(0)
	for _, p := range paths {
		if p != "" {
			n += needOne(p, perPixel)
		}
	}
	return n
}

func needOne(path string, perPixel int64) int64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxFileBytes {
		return 0
	}
	head := make([]byte, min(info.Size(), peekBytes))
	if _, err := io.ReadFull(f, head); err != nil {
		return 0
	}
	p, ok := imagefile.Head(head, info.Size())
	if !ok && info.Size() > peekBytes && info.Size() <= peekWhole {
		rest, err := io.ReadAll(f)
		if err != nil {
			return 0
		}
		p, ok = imagefile.Head(append(head, rest...), info.Size())
	}
	switch {
	case ok:
		return p.Need(0) + perPixel*p.Pixels()
	case info.Size() <= peekWhole: // no picture
		return info.Size()
	}
	return MaxPixels * 8
}

// Hold waits until picture files, each decoded and with perPixel bytes more for every
// pixel, fit into the room with what others hold there. give gives it back; large
// says that buffers for them are better dropped then than kept.
func Hold(room *imagefile.Room, perPixel int64, paths ...string) (give func(), large bool) {
	n := need(perPixel+readBytes, paths...)
	give, _ = room.Take(n) // a room without a limit refuses nothing
	return give, imagefile.Large(n)
}

// hold is Hold for a reader; its buffers go with what is given back.
func (r *reader) hold(room *imagefile.Room, perPixel int64, paths ...string) (give func()) {
	free, large := Hold(room, perPixel, paths...)
	return func() {
		if large {
			*r = reader{}
		}
		free()
	}
}

// newRoom is what the pictures of one piece of work share.
func newRoom() *imagefile.Room { return imagefile.NewRoom(imagefile.RoomBytes, 0) }
