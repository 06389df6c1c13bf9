package main

import (
	"errors"
	"fmt"
	"io/fs"

	"csnet/checkpoint"
	"csnet/checkpoint/embedded"
	"csnet/eval"
	"csnet/graph"
	"csnet/internal/config"
)

// storedNet is a checkpoint that was read from a file, or the embedded model.
type storedNet struct {
	*checkpoint.Checkpoint
	path string
}

// loadNet reads the checkpoint at path. The name "embedded" stands for the model
// that is part of the program; a file of that name is ./embedded.
func loadNet(path string) (storedNet, error) {
	load := func() (*checkpoint.Checkpoint, error) { return checkpoint.Load(path) }
	if path == embedded.Name {
		load = embedded.Load
	}
	c, err := load()
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w%s", err, didYouMean(path, "", []string{embedded.Name}))
	}
	return storedNet{c, path}, err
}

// orEmbedded is the checkpoint that a command reads: the one that was named, else
// the embedded model, which it says on err.
func orEmbedded(path string, io streams) string {
	if path != "" {
		return path
	}
	if c, err := embedded.Load(); err == nil {
		io.tell("using the embedded model: %d parameters, %d training steps (--checkpoint names another)", c.Spec.ParamCount(), c.Step)
	}
	return embedded.Name
}

// undigested notes that nobody can tell whether the file of the net is as it was
// written; it is empty where the digest in the file was verified.
func (n storedNet) undigested() []string {
	if n.Digest != "" {
		return nil
	}
	return []string{fmt.Sprintf("note: %s holds no digest, as the files of an older csnet: damage that leaves its values finite cannot be seen", n.path)}
}

// sayUndigested tells the note of undigested.
func (n storedNet) sayUndigested(io streams) {
	for _, note := range n.undigested() {
		io.tell("%s", note)
	}
}

// config returns the configuration that the net was trained with.
func (n storedNet) config() (*config.Config, error) {
	return config.LoadBytes(n.path+": config", []byte(n.Config), nil)
}

// predictor makes nets for evaluation of as many threads each.
func (n storedNet) predictor(threads int) func() (eval.Net, error) {
	return func() (eval.Net, error) { return graph.NewPredictor(n.Spec, n.Params, threads), nil }
}

// evalNet is a checkpoint with the size that it is evaluated at.
type evalNet struct {
	storedNet
	size     int
	protocol string
	reduce   bool
}

// loadEvalNet reads a checkpoint and finds the side of its input: size when not
// 0, else the stored config's.
func loadEvalNet(path string, size int) (*evalNet, error) {
	n, err := loadNet(path)
	if err != nil {
		return nil, err
	}
	conf, err := n.config()
	if err != nil {
		return nil, err
	}
	if size == 0 {
		size = conf.Eval.Size
	}
	if err := n.Spec.CheckSize(size, size); err != nil {
		return nil, usagef("--size: %w", err)
	}
	return &evalNet{storedNet: n, size: size, protocol: conf.Eval.Protocol, reduce: conf.Eval.Reduce}, nil
}

// netOrConfig reads what --checkpoint or --config with --set name, of which
// exactly one is given: the other result is empty.
func netOrConfig(ckpt, conf string, set []string) (storedNet, *config.Config, error) {
	switch {
	case (ckpt == "") == (conf == ""):
		return storedNet{}, nil, usagef("give one of --checkpoint and --config")
	case ckpt != "" && len(set) > 0:
		return storedNet{}, nil, usagef("--set %s changes a config; with --checkpoint there is none", set[0])
	case ckpt != "":
		n, err := loadNet(ckpt)
		return n, nil, err
	}
	c, err := config.Load(conf, set)
	if err != nil {
		return storedNet{}, nil, usageError{err}
	}
	return storedNet{}, c, nil
}
