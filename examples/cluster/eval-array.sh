#!/bin/bash
# Scores a large set by a Slurm array of 40 tasks, then merges:
#   sbatch --wait eval-array.sh && csnet eval merge scores
# A task that failed is run again by itself:
#   sbatch --array=17 --export=ALL,CSNET_SHARDS=40 eval-array.sh
#SBATCH --job-name=csnet-eval
#SBATCH --array=0-39
#SBATCH --cpus-per-task=2
#SBATCH --mem=1G
#SBATCH --time=00:30:00
set -euo pipefail
exec csnet eval --checkpoint net.safetensors --data DUTS-TE --protocol both --out scores \
  --shard env --threads "$SLURM_CPUS_PER_TASK"
