// Package synth draws a synthetic saliency set: textured backgrounds with
// clutter, and on each one or two objects that stand out from them in colour,
// with the exact mask of those objects. It lets csnet show all of its work
// where no photo is at hand.
//
// A drawing is fixed by its seed and index alone. Objects cover 5 to 40% of the
// image and lie where chance puts them, so that a map which only bets on the
// middle of the image scores clearly less than one that looks.
package synth
