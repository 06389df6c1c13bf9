package main

import (
	"os"
	"strings"
	"testing"
)

// Numbers that no machine has the memory for are refused before anything is
// allocated, with what fits or what is allowed; none panics.
func TestRoom(t *testing.T) {
	trained(t)
	pngPhoto(t, "photo.png")
	must(t, "train", "--config", "small.yaml", "--set", "net.dialect=resize", "--set", "train.steps=1", "--data", "set", "--out", "resize")
	for _, c := range []struct{ args, want string }{
		{"predict --size 2147483648 photo.png", "at most 16384"},
		{"predict --size 9223372036854775792 photo.png", "at most 16384"},
		{"predict --threads 9999999 photo.png", "--threads is 9999999"},
		{"eval --data set --size 1073741824", "at most 16384"},
		{"bench --mode infer --batch 4611686018427387904", "at most 1048576"},
		{"bench --mode infer --size 9223372036854775792", "at most 16384"},
		{"bench --mode train --batch 1048576 --size 16384", "fits"},
		{"export --format onnx --out big --checkpoint " + lastNet + " --batch 9223372036854775807", "at most 1048576"},
		{"export --format onnx --out big --checkpoint " + lastNet + " --batch 1000000000000 --size 32", "at most 1048576"},
		{"export --format onnx --out big --checkpoint resize/checkpoints/last.safetensors --batch 1048576 --size 33x35", "at most --batch"},
		{"export --format onnx --out big --checkpoint resize/checkpoints/last.safetensors --size 16381x16383", "--size"},
		{"bench --mode infer --batch 1048576 --size 4096", "fits"},
		{"train --config small.yaml --data set --out big --set train.batch=1000000 --set data.size=4096", ""},
	} {
		code, _, errs := cli(strings.Fields(c.args)...)
		if code != exitUsage || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit %d: %s, must say %q", c.args, code, errs, c.want)
		}
	}
	if _, err := os.Stat("big"); err == nil {
		t.Error("a run that was refused left its folder")
	}
}
