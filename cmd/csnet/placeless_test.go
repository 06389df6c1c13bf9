package main

import (
	"os"
	"strings"
	"testing"
)

// An output that cannot be there is refused before any work, by the name of its flag:
// one below a file, and a single file in a folder that nobody has made.
func TestNoPlaceForOutput(t *testing.T) {
	shop(t)
	for _, args := range [][]string{
		{"predict", "set/images", "--out", "notes.txt"},
		{"predict", "album/IMG_1.jpg", "--out", "notes.txt/map.png"},
		{"eval", "--data", "set", "--save-maps", "notes.txt/maps"},
		{"train", "--config", "small.yaml", "--data", "set", "--out", "notes.txt/run"},
	} {
		code, _, errs := cli(args...)
		if code == exitDone || !strings.Contains(errs, "notes.txt is no folder") || strings.Contains(errs, "could not be done") {
			t.Errorf("%v: exit %d: %s", args, code, errs)
		}
	}
	const nowhere = "its folder nowhere is not there"
	for flag, args := range map[string][]string{
		"--out":     {"prune", "--checkpoint", "net.safetensors", "--ratio", "0.3", "--out"},
		"--plan":    {"prune", "--checkpoint", "net.safetensors", "--ratio", "0.3", "--dry-run", "--plan"},
		"--latency": {"bench", "--checkpoint", "net.safetensors", "--size", "32", "--runs", "1", "--threads", "1", "--latency"},
		"--preview": {"data", "check", "set", "--preview"},
	} {
		code, out, errs := cli(append(args, "nowhere/file")...)
		if code != exitUsage || out != "" || !strings.Contains(errs, flag+": nowhere/file: "+nowhere) {
			t.Errorf("%v: exit %d: %s%s", args, code, out, errs)
		}
	}
	absent(t, "nowhere")
	if raw, err := os.ReadFile("notes.txt"); err != nil || string(raw) != "mine" {
		t.Errorf("notes.txt holds %q, %v", raw, err)
	}
}
