package main

import "github.com/spf13/cobra"

func newQuickstartCommand(io streams) *cobra.Command { return &cobra.Command{Use: "quickstart"} }
func newBenchCommand(io streams) *cobra.Command      { return &cobra.Command{Use: "bench"} }
