package page

import (
	"html/template"
	"strings"
)

// Gallery shows pictures in rows, one row a photo, the columns side by side: photo,
// truth, and each method's map. On a phone the pictures of a row wrap.
type Gallery struct {
	Title   string // may be empty
	Columns []string
	Rows    []GalleryRow
}

// GalleryRow is a photo with what belongs to it: a picture per column; zero ones
// leave their place empty.
type GalleryRow struct {
	Name, Note string
	Pictures   []Picture
}

// Image is a picture across the page; Alt says in words what it shows.
type Image struct {
	Picture
	Alt string
}

func (i Image) view() (string, any, error) {
	return "image", pictureView{Picture: i.Picture, Source: i.source(), Alt: i.Alt}, nil
}

type galleryView struct {
	Title   string
	Columns []string
	Rows    []galleryRowView
}

type galleryRowView struct {
	Name, Note string
	Pictures   []pictureView
}

type pictureView struct {
	Picture
	Source      template.HTMLAttr
	Column, Alt string
}

func (g Gallery) view() (string, any, error) {
	v := galleryView{Title: g.Title, Columns: g.Columns}
	for _, r := range g.Rows {
		row := galleryRowView{Name: r.Name, Note: r.Note}
		for i, c := range g.Columns {
			p := pictureView{Column: c, Alt: strings.TrimSpace(c + " of " + r.Name)}
			if i < len(r.Pictures) {
				p.Picture = r.Pictures[i]
			}
			p.Source = p.source()
			row.Pictures = append(row.Pictures, p)
		}
		v.Rows = append(v.Rows, row)
	}
	return "gallery", v, nil
}
