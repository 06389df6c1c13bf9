package data

import "slices"

// Part is the manifest of some of the pairs that m was made of; base is that of
// MakeManifest.
func (m Manifest) Part(base string, pairs []Pair) Manifest {
	names := make(map[string]bool, 2*len(pairs))
	for _, p := range pairs {
		names[relative(base, p.Image)], names[relative(base, p.Mask)] = true, true
	}
	part := Manifest{Files: slices.DeleteFunc(slices.Clone(m.Files), func(f ManifestFile) bool { return !names[f.Name] })}
	part.Digest = part.digest()
	return part
}
