package chart

import "image"

// drawing is a finished figure: shapes in the order in which they are painted, in
// units of 1/96 inch from the top left corner. SVG and PNG are two prints of it.
type drawing struct {
	w, h   float64
	shapes []shape
	words  string // the figure for readers who do not see it
}

// shape is a broken or unbroken line, a text or a picture.
type shape struct {
	ink   ink
	title string // shown where the pointer rests; may be empty

	// A line: width > 0.
	points []xy
	width  float64
	dash   []float64 // lengths of strokes and gaps in turn; empty: unbroken
	round  bool      // round ends

	// A text: text is not empty.
	text   string
	at     xy // on the text's baseline
	anchor anchor
	turned bool // reads upwards
	bold   bool

	// A picture: img is not nil; box holds its corners. It is drawn without smoothing.
	img image.Image
	box [2]xy
}

// anchor says where a text's place is within it.
type anchor int

const (
	start anchor = iota
	middle
	end
)

// ink is what a shape is painted with; each print has its own colours for it.
type ink struct {
	role   role
	colour int // of a curve, 0 <= colour < Colours
	faint  bool
}

type role int

const (
	inkText role = iota // names and numbers
	inkSoft             // labels
	inkGrid
	inkAxis
	inkCurve
	inkPaper // white
)

// Colours is how many colours curves have; the next one takes the first again, with
// another pattern.
const Colours = 6

// fontSize of all texts.
const fontSize = 13

// dashes are the patterns of curves: each colour has its own, so that a figure
// can be read without colours, and the next round of colours has them shifted by one.
func dashes(curve int) []float64 {
	patterns := [Colours][]float64{nil, {8, 4}, {2, 3}, {10, 3, 2, 3}, {14, 5}, {5, 2}}
	return patterns[(curve+curve/Colours)%Colours]
}

// baselineDash is the pattern of a Dashed series.
func baselineDash() []float64 { return []float64{4, 4} }

func (d *drawing) line(k ink, width float64, points ...xy) {
	d.shapes = append(d.shapes, shape{ink: k, width: width, points: points})
}

func (d *drawing) write(k ink, at xy, a anchor, text string) {
	if text != "" {
		d.shapes = append(d.shapes, shape{ink: k, at: at, anchor: a, text: text})
	}
}
