#!/bin/bash
# Makes the maps of a large folder by a Slurm array: sbatch predict-array.sh
# --skip-existing lets a task that is run again leave out what it has done.
#SBATCH --job-name=csnet-predict
#SBATCH --array=0-39
#SBATCH --cpus-per-task=2
#SBATCH --mem=1G
#SBATCH --time=02:00:00
set -euo pipefail
exec csnet predict photos --out maps --shard env --skip-existing --threads "$SLURM_CPUS_PER_TASK"
