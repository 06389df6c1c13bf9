package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"csnet/checkpoint"
)

// convertOptions are the flags of csnet import and csnet export.
type convertOptions struct {
	From, Out, Format string
	Overwrite         bool
}

func newImportCommand(io streams) *cobra.Command {
	var o convertOptions
	c := &cobra.Command{
		Use:   "import --from F --out F",
		Short: "Read a released .pth.tar, or safetensors with the release's names, into a checkpoint",
		Long:  "Reads the authors' .pth.tar (no code of the file is executed) or safetensors with\nthe release's names; channel counts come from the shapes of the tensors.",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return runImport(o, io) },
	}
	c.Flags().StringVar(&o.From, "from", "", "file to read")
	c.Flags().StringVar(&o.Out, "out", "", "checkpoint to write")
	overwriteFlag(c.Flags(), &o.Overwrite)
	return c
}

func runImport(o convertOptions, io streams) error {
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
	fmt.Fprintf(io.err, "%s: %d parameters, written to %s\n", o.From, c.Spec.Cost(224, 224).Params, o.Out)
	return nil
}

func newExportCommand(io streams) *cobra.Command {
	var o convertOptions
	c := &cobra.Command{
		Use:   "export [--checkpoint F] --format pytorch --out F",
		Short: "Write a checkpoint as safetensors with the release's names",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return runExport(o, io) },
	}
	c.Flags().StringVar(&o.From, "checkpoint", "", "checkpoint to read (default: the embedded model)")
	c.Flags().StringVar(&o.Format, "format", "pytorch", "pytorch: safetensors with the release's names")
	c.Flags().StringVar(&o.Out, "out", "", "file to write")
	overwriteFlag(c.Flags(), &o.Overwrite)
	return c
}

func runExport(o convertOptions, io streams) error {
	o.From = orEmbedded(o.From, io)
	if err := both("--checkpoint", o.From, "--out", o.Out); err != nil {
		return err
	}
	if o.Format != "pytorch" {
		return usagef("--format is %q, must be pytorch", o.Format)
	}
	if err := guardFile("--checkpoint", o.From, o.Out, releaseKind(), o.Overwrite); err != nil {
		return err
	}
	c, err := loadCheckpoint(o.From)
	if err != nil {
		return err
	}
	if err := checkpoint.Export(o.Out, c); err != nil {
		return err
	}
	fmt.Fprintf(io.err, "%s: written to %s\n", o.From, o.Out)
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
