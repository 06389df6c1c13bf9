package imagefile

// Sideways says whether an orientation swaps width and height.
func Sideways(orientation int) bool { return orientation >= 5 }

// Turn writes the picture src (h rows of w pixels of ch bytes) into dst as it is
// seen under an EXIF orientation; under 5..8 dst has w rows of h pixels.
func Turn(dst, src []uint8, w, h, ch, orientation int) {
	// A step of one to the right, and one down, in dst moves dx, dy in src.
	at, dx, dy := 0, 1, w
	switch orientation {
	case 2: // mirrored
		at, dx, dy = w-1, -1, w
	case 3: // upside down
		at, dx, dy = w*h-1, -1, -w
	case 4: // mirrored and upside down
		at, dx, dy = w*(h-1), 1, -w
	case 5: // transposed
		at, dx, dy = 0, w, 1
	case 6: // to be turned clockwise
		at, dx, dy = w*(h-1), -w, 1
	case 7: // transposed along the other diagonal
		at, dx, dy = w*h-1, -w, -1
	case 8: // to be turned counterclockwise
		at, dx, dy = w-1, w, -1
	}
	cols, rows := w, h
	if Sideways(orientation) {
		cols, rows = h, w
	}
	for y, to := 0, 0; y < rows; y++ {
		from := at + y*dy
		for range cols {
			for c := range ch {
				dst[to] = src[from*ch+c]
				to++
			}
			from += dx
		}
	}
}
