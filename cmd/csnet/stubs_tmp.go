package main

import "github.com/spf13/cobra"

func newQuickstartCommand(io streams) *cobra.Command { return &cobra.Command{Use: "quickstart"} }
func newEvalCommand(io streams) *cobra.Command       { return &cobra.Command{Use: "eval"} }
func newPredictCommand(io streams) *cobra.Command    { return &cobra.Command{Use: "predict"} }
func newBenchCommand(io streams) *cobra.Command      { return &cobra.Command{Use: "bench"} }
func newDataCommand(io streams) *cobra.Command       { return &cobra.Command{Use: "data"} }
