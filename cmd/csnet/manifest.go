package main

import (
	"encoding/json"

	"csnet/data"
)

// manifestText is the manifest as a checkpoint holds it.
func manifestText(m data.Manifest) (string, error) {
	raw, err := json.Marshal(m)
	return string(raw), err
}
