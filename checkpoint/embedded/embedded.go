// Package embedded holds the model that is part of the program: a net of at most
// 100,000 parameters, trained from scratch by csnet on DUTS-TR. How it was trained,
// what it scores and where it fails is told in docs/model-card.md.
package embedded

import (
	_ "embed"

	"csnet/checkpoint"
)

// Name stands for the model where a command wants the path of a checkpoint.
const Name = "embedded"

// MaxParams is how many parameters the model may have.
const MaxParams = 100_000

//go:embed csnet.safetensors
var file []byte

// Load returns the model: a new copy at each call, without optimizer state.
func Load() (*checkpoint.Checkpoint, error) { return checkpoint.Parse(Name, file) }
