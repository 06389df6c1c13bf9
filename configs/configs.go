// Package configs holds the configuration files that are part of the program.
package configs

import "embed"

// Files are the configs, by their paths below this folder.
//
//go:embed *.yaml ablation/*.yaml
var Files embed.FS

// Lists are the ablations that csnet ablate runs, one for each table.
//
//go:embed ablations/*.yaml
var Lists embed.FS
