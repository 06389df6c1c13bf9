package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
)

// longest is the side to which larger pictures are shrunk.
const longest = 320

type samplesView struct {
	Header []string
	Rows   []sampleView
}

type sampleView struct {
	Name     string
	Pictures []pictureView
}

type pictureView struct {
	Alt  string
	Data template.URL // empty: no picture
	W, H int
}

// newSamples lays the samples out: one column for photo, truth and each name of a
// map, in the order in which the names first occur.
func newSamples(samples []Sample) (samplesView, error) {
	if len(samples) == 0 {
		return samplesView{}, nil
	}
	v := samplesView{Header: []string{"Photo", "Truth"}}
	column := map[string]int{}
	for _, s := range samples {
		for _, m := range s.Maps {
			if _, ok := column[m.Name]; !ok {
				column[m.Name] = len(v.Header)
				v.Header = append(v.Header, m.Name)
			}
		}
	}
	for _, s := range samples {
		pictures := make([]image.Image, len(v.Header))
		pictures[0], pictures[1] = s.Photo, s.Truth
		for _, m := range s.Maps {
			pictures[column[m.Name]] = m.Image
		}
		row := sampleView{Name: s.Name}
		for i, img := range pictures {
			p, err := newPicture(img, i == 0)
			if err != nil {
				return v, fmt.Errorf("%s of sample %s: %w", v.Header[i], s.Name, err)
			}
			p.Alt = v.Header[i] + " of " + s.Name
			row.Pictures = append(row.Pictures, p)
		}
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}

// newPicture encodes a picture as a data URI, JPEG for photos and PNG for the rest,
// shrunk to at most longest pixels a side.
func newPicture(img image.Image, photo bool) (pictureView, error) {
	if img == nil || img.Bounds().Empty() {
		return pictureView{}, nil
	}
	img = shrink(img)
	var buf bytes.Buffer
	var err error
	kind := "image/png"
	if photo {
		kind = "image/jpeg"
		err = jpeg.Encode(&buf, img, &jpeg.Options{Quality: 90})
	} else {
		err = png.Encode(&buf, img)
	}
	data := "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(buf.Bytes())
	size := img.Bounds().Size()
	return pictureView{Data: template.URL(data), W: size.X, H: size.Y}, err
}

func shrink(img image.Image) image.Image {
	size := img.Bounds().Size()
	most := max(size.X, size.Y)
	if most <= longest {
		return img
	}
	to := image.Rect(0, 0, max(size.X*longest/most, 1), max(size.Y*longest/most, 1))
	var small draw.Image = image.NewRGBA(to)
	if _, grey := img.(*image.Gray); grey {
		small = image.NewGray(to)
	}
	draw.CatmullRom.Scale(small, to, img, img.Bounds(), draw.Src, nil)
	return small
}
