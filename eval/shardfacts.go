package eval

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
)

// shardFacts lists what all parts of a run must have in common, as name and value.
// Contents go by their SHA-256; stored maps by the names of their files.
func shardFacts(ctx context.Context, o *Options, tasks [][]*task, build string) ([][2]string, error) {
	facts := [][2]string{
		{"csnet", build},
		{"--protocol", string(o.Protocol)},
		{"--mask", o.Mask.String()},
		{"--exif", cmp.Or(string(o.Exif), "auto")},
		{"--images", o.Folders.Images},
		{"--masks", o.Folders.Masks},
		{"--mask-names", o.Folders.Names},
		{"--map-channel", string(o.MapChannel)},
		{"--map-names", o.MapNames},
		{"--resize-maps", fmt.Sprint(o.ResizeMaps)},
		{"methods", fmt.Sprint(len(o.Methods))},
		{"sets", fmt.Sprint(len(o.Sets))},
	}
	known := make(map[string]string)
	for i := range o.Methods {
		m := &o.Methods[i]
		digest := ""
		if m.Checkpoint != "" {
			var err error
			if digest, err = fileDigest(m.Checkpoint); err != nil {
				return nil, err
			}
		}
		name := fmt.Sprintf("method %d", i+1)
		facts = append(facts, [2]string{name, m.Name + ", from " + m.kind()}, [2]string{name + ": net's input", fmt.Sprint(m.Size)},
			[2]string{name + ": --reduce", fmt.Sprint(m.Reduce)},
			[2]string{name + ": parameters", fmt.Sprint(m.Params)}, [2]string{name + ": checkpoint's SHA-256", digest})
		for k, t := range tasks[i] {
			set := fmt.Sprintf("set %d", k+1)
			if i == 0 {
				data, err := t.digest(ctx, known)
				if err != nil {
					return nil, err
				}
				facts = append(facts, [2]string{set, t.files.set.Name}, [2]string{set + ": SHA-256 of photos and masks", data})
			}
			facts = append(facts, [2]string{name + ", " + set + ": images", fmt.Sprint(len(t.items))}, [2]string{name + ", " + set + ": SHA-256 of the images' names", t.list()})
		}
	}
	return facts, nil
}

// list is a digest of the names of what there is to score and of the stored maps.
func (t *task) list() string {
	h := sha256.New()
	for _, it := range t.items {
		_, _ = fmt.Fprintf(h, "%q %q\n", it.stem, filepath.Base(it.given)) // a hash takes every write
	}
	return hex.EncodeToString(h.Sum(nil))
}

// differing names the first fact that two runs do not share and both its values; ok
// is false where there is none.
func differing(a, b [][2]string) (name, ofA, ofB string, ok bool) {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[i][0], a[i][1], b[i][1], true
		}
	}
	if len(a) != len(b) {
		return "number of facts", fmt.Sprint(len(a)), fmt.Sprint(len(b)), true
	}
	return "", "", "", false
}
