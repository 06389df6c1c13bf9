package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"csnet/checkpoint"
	"csnet/checkpoint/embedded"
	"csnet/data"
	"csnet/internal/onnx"
	"csnet/internal/output"
	"csnet/internal/wholefile"
)

// The kinds of files that commands write and may thus replace.
func checkpointKind() output.Kind {
	return output.Kind{Name: "a checkpoint", Is: checkpoint.IsCheckpoint}
}

// exportKind is the kind of file that csnet export writes.
func exportKind(format string) output.Kind {
	k := output.Kind{Name: "an exported net", Is: checkpoint.IsRelease}
	if format == "onnx" {
		k.Is = onnx.IsExported
	}
	return k
}

// overwriteFlag adds --overwrite to a command's flags.
func overwriteFlag(f *pflag.FlagSet, to *bool) {
	f.BoolVar(to, "overwrite", false, "replace files that csnet did not write; never what the command reads")
}

// guardFile decides before any work whether --out may be written by a command that
// reads the file in of flag from; "" and the embedded model are no file.
func guardFile(from, in, out string, kind output.Kind, overwrite bool) error {
	g := output.Guard{Overwrite: overwrite}
	if in != embedded.Name {
		g.Reads("the file of "+from, in)
	}
	return guardOut(&g, out, kind)
}

// guardOut asks g about --out and whether its folder can be written to.
func guardOut(g *output.Guard, out string, kind output.Kind) error {
	return guardFlag(g, "--out", out, kind)
}

// guardFlag is guardOut of another flag.
func guardFlag(g *output.Guard, flag, out string, kind output.Kind) error {
	if err := g.File(out, kind); err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	dir := filepath.Dir(out)
	if err := wholefile.Probe(dir); err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("%s: %w", flag, &output.Error{Path: out, Text: "its folder " + dir + " is not there: make it first"})
	}
	return nil
}

// guardNewFolder decides whether --out may be made: a folder that is not there yet, in
// none that is read.
func guardNewFolder(g *output.Guard, out string) error {
	if _, err := os.Lstat(out); err == nil {
		return fmt.Errorf("--out: %w", &output.Error{Path: out, Text: "is there already, a new folder is wanted"})
	}
	parent := filepath.Dir(filepath.Clean(out))
	if err := g.Folder(parent); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	if err := wholefile.Probe(parent); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

// guardSet notes the photos and masks of a set that is read.
func guardSet(g *output.Guard, pairs []data.Pair) {
	for _, p := range pairs {
		g.ReadsAmong("the photo", p.Image)
		g.ReadsAmong("the mask", p.Mask)
	}
}

// sayUnsynced warns, once a command, where the file system of what was just written
// cannot wait for the disk. It asks about the first of the paths that is there.
func sayUnsynced(io streams, paths ...string) {
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil {
			continue
		}
		if !wholefile.CanSync(path) {
			tellUnsynced(io, path)
		}
		return
	}
}

// tellUnsynced warns of a file that a power cut may take.
func tellUnsynced(io streams, path string) {
	io.tell("warning: %s: the file system has no fsync: a power cut may take what was written last", path)
}
