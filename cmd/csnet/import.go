package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"csnet/checkpoint"
)

// importOptions are the flags of csnet import.
type importOptions struct {
	From, Out string
	Overwrite bool
}

func newImportCommand(io streams) *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "import --from F --out F",
		Short: "Make a checkpoint of a net in the release's format",
		Long:  "Reads the authors' .pth.tar (no code of the file is executed) or safetensors with\nthe release's names; channel counts come from the shapes of the tensors.",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return runImport(o, io) },
	}
	c.Flags().StringVar(&o.From, "from", "", "file to read")
	c.Flags().StringVar(&o.Out, "out", "", "checkpoint to write")
	overwriteFlag(c.Flags(), &o.Overwrite)
	return c
}

func runImport(o importOptions, io streams) error {
	if err := both("--from", o.From, "--out", o.Out); err != nil {
		return err
	}
	if err := guardFile("--from", o.From, o.Out, checkpointKind(), o.Overwrite); err != nil {
		return err
	}
	c, err := checkpoint.Import(o.From)
	if err != nil {
		return err
	}
	if err := checkpoint.Save(o.Out, c); err != nil {
		return err
	}
	io.tell("%s: %d parameters, written to %s", o.From, c.Spec.ParamCount(), o.Out)
	fmt.Fprintln(io.out, o.Out)
	io.next("To run it on photos", "csnet", "predict", "-c", o.Out, "--out", "maps", "PHOTOS")
	return nil
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
