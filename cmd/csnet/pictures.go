package main

import (
	"fmt"
	"strings"

	"csnet/checkpoint"
	"csnet/train"
)

// identify notes in o which pictures the run trains and validates on, by digest,
// and refuses to go on with others than those it began with.
func (j *trainJob) identify(o *train.Options, m *material) error {
	var err error
	if o.Manifest, err = manifestText(m.manifest); err != nil {
		return err
	}
	o.Pictures = checkpoint.Pictures{Pairs: len(m.pairs), Digest: m.manifest.Part(m.base, m.pairs).Digest}
	if len(m.val) > 0 {
		o.ValPictures = &checkpoint.Pictures{Pairs: len(m.val), Digest: m.valManifest.Digest}
	}
	if j.resume == nil || j.resume.Run == nil {
		return nil
	}
	return samePictures(j.resume.Run, o.Pictures, o.ValPictures)
}

// samePictures refuses to go on with other pictures than those a run began with.
func samePictures(was *checkpoint.Run, pictures checkpoint.Pictures, val *checkpoint.Pictures) error {
	var changed []string
	if was.Train != pictures {
		changed = append(changed, fmt.Sprintf("it was trained on %s, now on %s", was.Train, pictures))
	}
	name := func(p *checkpoint.Pictures) string {
		if p == nil {
			return "none"
		}
		return p.String()
	}
	if a, b := was.Validation, val; (a == nil) != (b == nil) || a != nil && *a != *b {
		changed = append(changed, fmt.Sprintf("it was validated on %s, now on %s", name(a), name(b)))
	}
	if len(changed) == 0 {
		return nil
	}
	return usagef("--resume: these are not the pictures that the run began with: %s: give the same --data and --val, or begin a new run with --from", strings.Join(changed, "; "))
}
