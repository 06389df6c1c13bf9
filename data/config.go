// Package data finds data sets on disk, decodes photos and masks, resizes and
// augments them, and loads batches whose content depends on seed, epoch and
// index alone. It knows nothing of nets.
package data

// Config is the `data` section of a config.
type Config struct {
	Dir            string   `yaml:"dir"`             // training set, any known layout
	More           []string `yaml:"more"`            // further training sets, DIR or DIR:SHARE; with shares (then of dir too) an epoch is mixed by them
	Val            string   `yaml:"val"`             // validation set, any known layout; empty = a share of dir
	Size           Sizes    `yaml:"size"`            // side of the square net input, pixels; a list trains at one after the other, the last being the size of use
	OwnSize        bool     `yaml:"own_size"`        // pictures are trained on one by one in the size that they have, or that data.cache leaves them; data.size is then that of validation and use
	SizeMilestones []int    `yaml:"size_milestones"` // epochs, from 0, that begin at the next of several sizes
	ValShare       float64  `yaml:"val_share"`       // share of the stems, by hash, kept for validation; 0 = none
	Workers        int      `yaml:"workers"`         // decoding goroutines; 0 = as many as threads
	Images         string   `yaml:"images"`          // folder of the photos, in dir or a path of its own; empty = found by its name
	Masks          string   `yaml:"masks"`           // folder of the masks, likewise
	MaskNames      string   `yaml:"mask_names"`      // names of masks with * for the photo's name, "*_mask"; empty = found out
	Mask           string   `yaml:"mask"`            // how mask files tell foreground: auto finds it out from all of them
	Exif           string   `yaml:"exif"`            // where a mask fits its photo turned as EXIF says and unturned: turn = it was drawn on the photo as seen, ignore = on the photo as stored, and is turned with it; auto finds out
	Cache          string   `yaml:"cache"`           // photos more than twice as large are kept reduced in the run's folder: longer side in pixels, auto = twice the size, at least 512, or off
	Augment        Augment  `yaml:"augment"`
}

// Sources gives the training sets.
func (c Config) Sources() ([]Source, error) {
	var out []Source
	for _, s := range append([]string{c.Dir}, c.More...) {
		source, err := ParseSource(s)
		if err != nil {
			return nil, err
		}
		out = append(out, source)
	}
	return out, nil
}

// Folders gives the folders of the training set that are not found by name.
func (c Config) Folders() Folders {
	return Folders{Images: c.Images, Masks: c.Masks, Names: c.MaskNames}
}

// Augment says how training images are varied. Each picture draws anew in each
// epoch. The mask is cropped, flipped and turned as its photo is.
type Augment struct {
	Crop     int     `yaml:"crop"`     // pixels: 0..Crop-1 cut at top and left, 1..Crop at bottom and right; 0 = none
	Flip     float64 `yaml:"flip"`     // probability of a flip
	Vertical float64 `yaml:"vertical"` // share of the flips that are vertical
	Scale    float64 `yaml:"scale"`    // smallest share of the sides that is kept, at a random place; shares are drawn evenly from here to 1; 1 = whole pictures
	Rotate   float64 `yaml:"rotate"`   // largest turn to either side, degrees; what comes in at the corners is mirrored
	Colour   float64 `yaml:"colour"`   // brightness, contrast and saturation are each multiplied by 1-colour to 1+colour
	Grey     float64 `yaml:"grey"`     // probability of a grey picture
	Blur     float64 `yaml:"blur"`     // probability of a slightly blurred input
	Sharpen  float64 `yaml:"sharpen"`  // probability of a sharpened input, where it is not blurred
	Reduce   float64 `yaml:"reduce"`   // probability that the photo is first reduced by area averages, to a random size between its own and the input's: no one kind of resizing is learned
}

// DefaultConfig is the paper's recipe, validation share 5%.
func DefaultConfig() Config {
	return Config{Size: Sizes{224}, ValShare: 0.05, Mask: string(MaskAuto), Exif: string(ExifAuto), Cache: "auto", Augment: Augment{Crop: 15, Flip: 0.5, Vertical: 0.5, Scale: 1}}
}
