#!/usr/bin/env bash
# The whole main job on real photos: train, prune to half the parameters,
# fine-tune, and score on ECSSD-200 after each, beside two fixed baselines.
# Usage: scripts/real_run.sh [OUT]   (default runs/real; resumes what it finds)
# Photos come from $CSNET_SHARED/datasets (default ../shared).
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${CSNET_SHARED:-../shared}
out=${1:-runs/real}
train=$shared/datasets/DUTS-TR-6000
test=$shared/datasets/ECSSD-200
mkdir -p "$out"
go build -o "$out/csnet" ./cmd/csnet
csnet=$out/csnet

say() { printf '\n== %s\n' "$*"; }

# run NAME ARGS...: a training run that is skipped when done, resumed when begun.
run() {
  local name=$1
  shift
  if [ -e "$out/$name/done" ]; then
    return
  fi
  if [ -e "$out/$name/checkpoints/last.safetensors" ]; then
    "$csnet" train --resume --out "$out/$name"
  else
    rm -rf "${out:?}/$name"
    "$csnet" train "$@" --data "$train" --out "$out/$name"
  fi
  touch "$out/$name/done"
}

say "train configs/csnet-tiny.yaml"
run tiny --config configs/csnet-tiny.yaml
"$csnet" eval --checkpoint trained="$out/tiny/checkpoints/last.safetensors" --baselines --data ECSSD-200="$test"

say "prune to half the parameters"
params=$("$csnet" summary --checkpoint "$out/tiny/checkpoints/last.safetensors" --json | sed -n 's/^  "params": \([0-9]*\).*/\1/p')
"$csnet" prune --checkpoint "$out/tiny/checkpoints/last.safetensors" --target-params $((params / 2)) --out "$out/pruned.safetensors"
"$csnet" eval --checkpoint pruned="$out/pruned.safetensors" --baselines --data ECSSD-200="$test"

say "fine-tune"
run finetuned --config configs/csnet-tiny-finetune.yaml --from "$out/pruned.safetensors"
"$csnet" eval --checkpoint fine-tuned="$out/finetuned/checkpoints/last.safetensors" --baselines --data ECSSD-200="$test"
"$csnet" eval --checkpoint fine-tuned="$out/finetuned/checkpoints/last.safetensors" --data ECSSD-200="$test" --json \
  --gate ECSSD-200.maxF=0.70 --gate ECSSD-200.MAE=0.2331 > "$out/scores.json"
