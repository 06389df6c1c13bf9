// Command embed turns a trained checkpoint into the model that is part of the
// program: without optimizer state, and with the manifest of its data as one
// digest in place of a list of files. It refuses a net of more than 100,000
// parameters.
//
//	go run ./scripts/embed RUN/checkpoints/best.safetensors checkpoint/embedded/csnet.safetensors
//
// With -state the optimizer's state stays, and any size of net is taken: what is
// needed to go on with a training run elsewhere.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"csnet/checkpoint"
	"csnet/checkpoint/embedded"
	"csnet/data"
)

func main() {
	state := flag.Bool("state", false, "keep the optimizer's state")
	set := flag.String("set", "DUTS-TR", "name of the training set")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: embed [-state] [-set NAME] CHECKPOINT OUT")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), flag.Arg(1), *set, *state); err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

func run(from, to, set string, state bool) error {
	c, err := checkpoint.Load(from)
	if err != nil {
		return err
	}
	if c.Manifest, err = digest(c.Manifest, set); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	if state {
		return checkpoint.Save(to, c)
	}
	if n := c.Spec.ParamCount(); n > embedded.MaxParams {
		return fmt.Errorf("%s: %d parameters, must be at most %d: prune it first", from, n, embedded.MaxParams)
	}
	c.Optim, c.Raw, c.Run = nil, nil, nil
	return checkpoint.Save(to, c)
}

// manifest names the training data of the model.
type manifest struct {
	Set    string `json:"set"`
	Digest string `json:"digest"`
}

// digest keeps of a manifest what the model says of its data.
func digest(text, set string) (string, error) {
	var m data.Manifest
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return "", fmt.Errorf("manifest: %w", err)
	}
	if len(m.Digest) != 64 {
		return "", fmt.Errorf("manifest: its digest is %q, must be a SHA-256", m.Digest)
	}
	raw, err := json.Marshal(manifest{Set: set, Digest: m.Digest})
	return string(raw), err
}
