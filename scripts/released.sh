#!/usr/bin/env bash
# The authors' released x1-L as a witness: imported, then scored on ECSSD-200.
# PyTorch gives maxF .9156 and MAE .0701 (salmetric); both must come within .0005.
# Usage: scripts/released.sh [OUT]   (files come from $CSNET_SHARED, default ../shared)
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${CSNET_SHARED:-../shared}
out=${1:-runs/released}
mkdir -p "$out"
go run ./cmd/csnet import --from "$shared/checkpoints/csnet-L-x1.pth.tar" --out "$out/x1-L.safetensors"
go run ./cmd/csnet eval --checkpoint "$out/x1-L.safetensors" --data ECSSD-200="$shared/datasets/ECSSD-200" --protocol both \
  --out "$out/scores" --gate ECSSD-200.salmetric.maxF=0.9151 --gate ECSSD-200.salmetric.MAE=0.0706
