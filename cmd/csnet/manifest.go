package main

import (
	"encoding/json"

	"csnet/data"
)

// sameManifest reports whether two manifests name the same data: their digests are
// equal. One may be cut down to its digest.
func sameManifest(a, b string) bool {
	var x, y data.Manifest
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return x.Digest == y.Digest
}

// manifestText is the manifest as a checkpoint holds it.
func manifestText(m data.Manifest) (string, error) {
	raw, err := json.Marshal(m)
	return string(raw), err
}
