package main

import "github.com/spf13/cobra"

func newBenchCommand(io streams) *cobra.Command { return &cobra.Command{Use: "bench"} }
