package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/internal/config"
	"csnet/train"
)

// verifyOptions are the flags of csnet check.
type verifyOptions struct {
	Data string
	JSON bool
}

func newCheckCommand(io streams) *cobra.Command {
	var o verifyOptions
	c := &cobra.Command{
		Use:   "check FILE...",
		Short: "Verify checkpoints, exported nets and runs: digests, tensors, finite values",
		Long: `Reads checkpoints, exported nets (safetensors with the release's names), PyTorch
files and whole folders of runs, and verifies all that can be: the digest over
metadata and tensors, that the tensors are those of the net, that all values are
finite, that a run's config and log fit its checkpoint. With --data the pictures
are compared with those the checkpoint was trained on. Exits 1 when anything is
not sound. Files of an older csnet hold no digest: damage that leaves their form
and finite values cannot be seen, which is said.`,
		Example: `  csnet check runs/csnet-x1
  csnet check --data DUTS-TR runs/csnet-x1/checkpoints/best.safetensors
  csnet check *.safetensors --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runCheck(cmd.Context(), o, args, io) },
	}
	c.Flags().StringVar(&o.Data, "data", "", "data set to compare with what checkpoints were trained on")
	c.Flags().BoolVar(&o.JSON, "json", false, "print one JSON object")
	return c
}

// checked is what was found out about one file.
type checked struct {
	Path   string   `json:"path"`
	Kind   string   `json:"kind,omitempty"` // checkpoint, exported net, PyTorch file, config, log
	Sound  bool     `json:"sound"`
	Step   *int     `json:"step,omitempty"`
	Params int      `json:"params,omitempty"`
	Digest string   `json:"digest,omitempty"`
	Notes  []string `json:"notes,omitempty"`
	Error  string   `json:"error,omitempty"`
}

func runCheck(ctx context.Context, o verifyOptions, paths []string, io streams) error {
	c := &checker{}
	if o.Data != "" {
		set, err := data.Find(o.Data)
		if err != nil {
			return err
		}
		m, err := hashFiles(ctx, set.Base, set.Pairs, io)
		if err != nil {
			return err
		}
		c.data = &m
	}
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.path(p)
	}
	bad := 0
	for _, f := range c.found {
		if !f.Sound {
			bad++
		}
	}
	if o.JSON {
		if err := printJSON(io.out, map[string]any{"files": c.found, "unsound": bad}); err != nil {
			return err
		}
	} else {
		for _, f := range c.found {
			fmt.Fprintln(io.text(), f)
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d files are not sound", bad, len(c.found))
	}
	return nil
}

func (f checked) String() string {
	if !f.Sound {
		return fmt.Sprintf("%s: NOT SOUND: %s", f.Path, f.Error)
	}
	what := f.Kind
	if f.Step != nil {
		what += fmt.Sprintf(" at step %d", *f.Step)
	}
	if f.Params > 0 {
		what += fmt.Sprintf(", %d parameters, all values finite", f.Params)
	}
	if f.Digest != "" {
		what += ", digest holds"
	}
	return fmt.Sprintf("%s: sound: %s", f.Path, strings.Join(append([]string{what}, f.Notes...), "; "))
}

// checker verifies files one after another.
type checker struct {
	data  *data.Manifest // of --data
	found []checked
}

func (c *checker) add(f checked, err error) {
	if f.Sound = err == nil; err != nil {
		f.Error = err.Error()
	}
	c.found = append(c.found, f)
}

// path verifies a file, or all files of a run.
func (c *checker) path(path string) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		c.add(checked{Path: path}, err)
	case !st.IsDir():
		c.net(path)
	default:
		c.run(path)
	}
}

// net verifies a file that holds a net.
func (c *checker) net(path string) *checkpoint.Checkpoint {
	f := checked{Path: path, Kind: "checkpoint"}
	n, err := checkpoint.Load(path)
	if err != nil && !checkpoint.IsCheckpoint(path) {
		f.Kind = "PyTorch file"
		if checkpoint.IsSafetensors(path) {
			f.Kind = "exported net"
		}
		n, err = checkpoint.Import(path)
	}
	if err != nil {
		c.add(f, err)
		return nil
	}
	f.Params, f.Digest = n.Spec.ParamCount(), n.Digest
	if f.Digest == "" {
		f.Notes = append(f.Notes, "no digest: damage that leaves values finite cannot be seen")
	}
	if f.Kind == "checkpoint" {
		f.Step = &n.Step
		if _, err = config.LoadBytes(path+": config", []byte(n.Config), nil); err == nil && c.data != nil {
			err = c.samePictures(n)
		}
	}
	c.add(f, err)
	return n
}

// samePictures compares the manifest of a checkpoint with the data.
func (c *checker) samePictures(n *checkpoint.Checkpoint) error {
	var was data.Manifest
	if err := json.Unmarshal([]byte(n.Manifest), &was); err != nil || was.Digest == "" {
		return errors.New("holds no manifest of the pictures it was trained on")
	}
	if was.Digest == c.data.Digest {
		return nil
	}
	now := map[string]string{}
	for _, f := range c.data.Files {
		now[f.Name] = f.SHA256
	}
	var changed []string
	for _, f := range was.Files {
		switch sum, ok := now[f.Name]; {
		case !ok:
			changed = append(changed, f.Name+" is not there")
		case sum != f.SHA256:
			changed = append(changed, f.Name+" has other content")
		}
		delete(now, f.Name)
	}
	if len(was.Files) > 0 && len(now) > 0 {
		changed = append(changed, fmt.Sprintf("%d files are new", len(now)))
	}
	if n := len(changed); n > 5 {
		changed = append(changed[:5], fmt.Sprintf("and %d more", n-5))
	}
	detail := ""
	if len(changed) > 0 {
		detail = ": " + strings.Join(changed, ", ")
	}
	return fmt.Errorf("was trained on other pictures (digest %.12s, these have %.12s)%s", was.Digest, c.data.Digest, detail)
}

// run verifies the folder of a run: its checkpoints, that config.yaml is theirs,
// and its log.
func (c *checker) run(dir string) {
	before := len(c.found)
	for _, name := range []string{"last", "best"} {
		path := filepath.Join(dir, "checkpoints", name+".safetensors")
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		n := c.net(path)
		if name == "last" && n != nil {
			c.config(dir, path, n)
			c.log(dir, n.Step)
		}
	}
	if len(c.found) == before {
		c.add(checked{Path: dir}, errors.New("is a folder without checkpoints/last.safetensors: no run"))
	}
}

func (c *checker) config(dir, path string, n *checkpoint.Checkpoint) {
	f := checked{Path: filepath.Join(dir, "config.yaml"), Kind: "config"}
	is, err := config.Load(f.Path, nil)
	if err == nil {
		var was *config.Config
		if was, err = config.LoadBytes(path+": config", []byte(n.Config), nil); err == nil {
			err = sameConfig(path, *was, f.Path, *is)
		}
	}
	c.add(f, err)
}

func (c *checker) log(dir string, step int) {
	f := checked{Path: filepath.Join(dir, "metrics.jsonl"), Kind: "log"}
	lines, err := train.ReadMetrics(f.Path)
	for i, l := range lines {
		if i > 0 && l.Step <= lines[i-1].Step && err == nil {
			err = fmt.Errorf("line %d is of step %d, after one of step %d", i+1, l.Step, lines[i-1].Step)
		}
	}
	if n := len(lines); n > 0 && lines[n-1].Step > step {
		f.Notes = append(f.Notes, fmt.Sprintf("ahead of the checkpoint (step %d after %d): --resume does the steps between again", lines[n-1].Step, step))
	}
	c.add(f, err)
}
