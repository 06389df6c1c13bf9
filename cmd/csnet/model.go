package main

import (
	"fmt"

	"csnet/checkpoint"
	"csnet/checkpoint/embedded"
)

// loadCheckpoint reads the checkpoint at path. The name "embedded" stands for the
// model that is part of the program; a file of that name is ./embedded.
func loadCheckpoint(path string) (*checkpoint.Checkpoint, error) {
	if path == embedded.Name {
		return embedded.Load()
	}
	return checkpoint.Load(path)
}

// orEmbedded is the checkpoint that a command reads: the one that was named, else
// the embedded model, which it says on err.
func orEmbedded(path string, io streams) string {
	if path != "" {
		return path
	}
	if c, err := embedded.Load(); err == nil {
		fmt.Fprintf(io.err, "using the embedded model: %d parameters, %d training steps (--checkpoint names another)\n", c.Spec.Cost(224, 224).Params, c.Step)
	}
	return embedded.Name
}
