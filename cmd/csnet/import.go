package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"csnet/checkpoint"
	"csnet/internal/config"
	"csnet/internal/output"
	"csnet/model"
)

// importOptions are the flags of csnet import.
type importOptions struct {
	From, Out, Like string
	Overwrite       bool
}

func newImportCommand(io streams) *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "import --from F --out F",
		Short: "Make a checkpoint of a net in the release's format",
		Long: `Reads the authors' .pth.tar (no code of the file is executed) or safetensors with
the release's names, of 16, 32 or 64 bits. What csnet export wrote says all of the
net; of other files channel counts come from the shapes of the tensors, and what
they cannot say - input size, eps, dilations - is assumed as in the release, which
is told, or taken from the net of --like.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return runImport(o, io) },
	}
	c.Flags().StringVar(&o.From, "from", "", "file to read")
	c.Flags().StringVar(&o.Out, "out", "", "checkpoint to write")
	c.Flags().StringVar(&o.Like, "like", "", "checkpoint whose layers, eps, dilations, size and config the net has")
	overwriteFlag(c.Flags(), &o.Overwrite)
	return c
}

func runImport(o importOptions, io streams) error {
	if err := both("--from", o.From, "--out", o.Out); err != nil {
		return err
	}
	g := output.Guard{Overwrite: o.Overwrite}
	g.Reads("the file of --from", o.From)
	g.Reads("the file of --like", o.Like)
	if err := guardOut(&g, o.Out, checkpointKind()); err != nil {
		return err
	}
	var like *checkpoint.Checkpoint
	if o.Like != "" {
		n, err := loadNet(o.Like)
		if err != nil {
			return fmt.Errorf("--like: %w", err)
		}
		like = n.Checkpoint
	}
	c, assumed, err := checkpoint.ImportLike(o.From, like)
	if err != nil {
		return err
	}
	conf, err := (storedNet{c, o.From}).config()
	if err != nil {
		return err
	}
	switch {
	case len(assumed) > 0:
		io.tell("%s does not say, so it is assumed: %s (--like NET takes them from another net)", o.From, strings.Join(assumed, ", "))
	case o.Like != "":
		io.tell("taken from %s: %s", o.Like, netFacts(c.Spec, conf))
	default:
		io.tell("%s says: %s", o.From, netFacts(c.Spec, conf))
	}
	if err := checkpoint.Save(o.Out, c); err != nil {
		return err
	}
	sayUnsynced(io, o.Out)
	io.tell("%s: %d parameters, written to %s", o.From, c.Spec.ParamCount(), o.Out)
	fmt.Fprintln(io.out, o.Out)
	io.next("To run it on photos", "csnet", "predict", "-c", o.Out, "--out", "maps", "PHOTOS")
	return nil
}

// netFacts says of a net what its tensors alone do not: what import assumes where
// nothing says it.
func netFacts(s model.Spec, conf *config.Config) string {
	facts := []string{
		fmt.Sprintf("input size %d", conf.Eval.Size), "protocol " + conf.Eval.Protocol,
		fmt.Sprintf("eps of the norms %g", s.Norm.Eps),
	}
	if s.Head != nil {
		facts = append(facts, fmt.Sprintf("dilations %v", s.Head.Dilations))
	}
	return strings.Join(facts, ", ")
}

// both reports which of two required flags is missing.
func both(a, av, b, bv string) error {
	switch {
	case av == "":
		return usagef("%s is missing", a)
	case bv == "":
		return usagef("%s is missing", b)
	}
	return nil
}
