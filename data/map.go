package data

import (
	"bytes"
	"fmt"

	"csnet/internal/imagefile"
)

// Channel names the part of a stored map that counts.
type Channel string

// The channels. "" is luma, and refuses maps whose luma is hardly meant.
const (
	ChannelLuma  Channel = "luma"
	ChannelAlpha Channel = "alpha"
	ChannelRed   Channel = "red"
	ChannelGreen Channel = "green"
	ChannelBlue  Channel = "blue"
)

// ParseChannel reads the name of a channel.
func ParseChannel(s string) (Channel, error) {
	switch c := Channel(s); c {
	case ChannelLuma, ChannelAlpha, ChannelRed, ChannelGreen, ChannelBlue:
		return c, nil
	}
	return "", fmt.Errorf("data: channel %q, must be luma, alpha, red, green or blue", s)
}

// ReadMap reads a stored saliency map as 8-bit grey, as ReadMask does, of the
// channel that is given. Errors: as in ReadMask; without a channel, a map that is a
// cut-out (its alpha channel varies) or a picture in colours, of which luma says
// little; with alpha, a map without it.
func ReadMap(path string, channel Channel) (*Mask, error) {
	var r reader
	s, err := r.decode(path)
	if err != nil {
		return nil, err
	}
	switch channel {
	case "":
		switch l, _, _ := lookAt(s, 0, nil, nil); {
		case l.cut && l.agree < 0.98:
			return nil, fmt.Errorf("data: %s: map is a cut-out, its alpha channel varies; say what counts: --map-channel alpha, or luma", path)
		case l.coloured():
			return nil, fmt.Errorf("data: %s: map is in colours; say what counts: --map-channel luma, red, green or blue", path)
		}
	case ChannelAlpha:
		if l, _, _ := lookAt(s, 0, nil, nil); !l.cut {
			return nil, fmt.Errorf("data: %s: map has no alpha channel with clear and opaque parts (--map-channel alpha)", path)
		}
		r.setMask(s, Coding{Kind: MaskAlpha})
	}
	switch channel {
	case "", ChannelLuma:
		r.setMask(s, Coding{})
	case ChannelRed, ChannelGreen, ChannelBlue:
		at := map[Channel]int{ChannelRed: 0, ChannelGreen: 1, ChannelBlue: 2}[channel]
		r.setPhoto(s, s.orientation, 0)
		r.mask = Mask{W: r.photo.W, H: r.photo.H, Pix: make([]uint8, r.photo.W*r.photo.H)}
		for i := range r.mask.Pix {
			r.mask.Pix[i] = r.photo.Pix[3*i+at]
		}
	}
	m := r.mask
	return &m, nil
}

// AsStored turns a map that was drawn on a photo as it is seen back to the photo as
// it is stored, where the photo's EXIF orientation swaps the sides and the map so
// comes to w x h, its mask's size; nil where that is not so.
func AsStored(photo string, m *Mask, w, h int) *Mask {
	var buf bytes.Buffer
	s, _, err := header(photo, &buf)
	if err != nil || !imagefile.Sideways(s.orientation) || m.W != h || m.H != w || s.w != w || s.h != h {
		return nil
	}
	return m.turnedBack(s.orientation)
}

// TurnBack turns a pair that was read, and a map of its photo, back to the photo as
// it is stored, where the mask was drawn on that; where not, it gives them as they are.
func (i PairInfo) TurnBack(photo *Photo, mask *Mask, pred []uint8) (*Photo, *Mask, []uint8) {
	if !i.Unturned {
		return photo, mask, pred
	}
	back := mask.turnedBack(i.Orientation)
	if pred != nil {
		pred = (&Mask{W: mask.W, H: mask.H, Pix: pred}).turnedBack(i.Orientation).Pix
	}
	p := &Photo{W: back.W, H: back.H, Pix: make([]uint8, len(photo.Pix))}
	imagefile.Turn(p.Pix, photo.Pix, photo.W, photo.H, 3, inverse(i.Orientation))
	return p, back, pred
}

// turnedBack is m as it was before it was turned as an orientation says.
func (m *Mask) turnedBack(orientation int) *Mask {
	out := &Mask{W: m.W, H: m.H, Pix: make([]uint8, len(m.Pix))}
	if imagefile.Sideways(orientation) {
		out.W, out.H = m.H, m.W
	}
	imagefile.Turn(out.Pix, m.Pix, m.W, m.H, 1, inverse(orientation))
	return out
}

// inverse is the orientation that undoes one.
func inverse(orientation int) int {
	switch orientation { // the others undo themselves
	case 6:
		return 8
	case 8:
		return 6
	}
	return orientation
}
