// Package cutout turns a photo and its saliency map into what people want of
// them: a mask, a cut-out, the photo with the map laid over, a crop, numbers.
//
// Photos are RGB, three bytes a pixel, maps are grey, 0 to 255, one byte a pixel,
// both row by row. Everything is a value; nothing is read or written.
package cutout
