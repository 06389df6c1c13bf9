#!/usr/bin/env bash
# Trains the model in the program from nothing: csnet-x1 under dynamic weight decay
# (configs/embedded.yaml), pruned to at most 100,000 parameters, and trained on at
# the size of use (configs/embedded-finetune.yaml), and once more
# (configs/embedded-longer.yaml). Some hours on two quiet cores.
#
# Usage: scripts/train_embedded.sh DUTS-TR [OUT]     (default OUT: runs/embedded)
#
# Stopped at any time (Ctrl-C), it goes on where it was when it is started again,
# and ends with the same bytes. KEEP=1 copies the state of the newest part, to go on
# on another machine, and the log of every part to docs/results/embedded. MODEL=1
# puts the result into checkpoint/embedded. STEPS=N cuts every training to N steps, to
# try the script or to compare the bytes of two starts.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${1:?usage: scripts/train_embedded.sh DUTS-TR [OUT]}
out=${2:-runs/embedded}
threads=${THREADS:-0}
mkdir -p "$out"
go build -o "$out/csnet" ./cmd/csnet
csnet=$out/csnet

cut=()
[ -z "${STEPS:-}" ] || cut=(--set "train.steps=$STEPS")

say() { printf '\n== %s\n' "$*"; }

# keep NAME: the state of a part, small enough for the repository.
keep() {
  [ -n "${KEEP:-}" ] || return 0
  local to=docs/results/embedded
  mkdir -p "$to"
  go run ./scripts/embed -state "$out/$1/checkpoints/last.safetensors" "$to/state.safetensors"
  cp "$out/$1/config.yaml" "$to/state.config.yaml"
  cp "$out/$1/metrics.jsonl" "$to/$1.metrics.jsonl"
}

# part NAME ARGS...: a training run, skipped when done, resumed when begun.
part() {
  local name=$1
  shift
  if [ -e "$out/$name/done" ]; then
    return
  fi
  local rc=0
  if [ -e "$out/$name/checkpoints/last.safetensors" ]; then
    nice -n 19 "$csnet" train --resume --out "$out/$name" --data "$data" --threads "$threads" || rc=$?
  else
    rm -rf "${out:?}/$name"
    nice -n 19 "$csnet" train "$@" "${cut[@]}" --data "$data" --out "$out/$name" --threads "$threads" || rc=$?
  fi
  keep "$name"
  [ "$rc" = 0 ] || exit "$rc"
  touch "$out/$name/done"
}

say "1. csnet-x1 from nothing, with dynamic weight decay"
part whole --config configs/embedded.yaml

say "2. pruned to at most 100,000 parameters"
[ -e "$out/pruned.safetensors" ] ||
  "$csnet" prune --checkpoint "$out/whole/checkpoints/last.safetensors" --target-params 100000 --out "$out/pruned.safetensors"

say "3. trained on, up to the size of use"
part tuned --config configs/embedded-finetune.yaml --from "$out/pruned.safetensors"

# slim NAME: the best of a part, without the channels that died in it.
slim() {
  "$csnet" prune --checkpoint "$out/$1/checkpoints/best.safetensors" --threshold 1e-20 --fold exact --out "$out/$1-slim.safetensors" --overwrite
}

slim tuned

say "4. trained on for longer, from a high rate again"
part longer --config configs/embedded-longer.yaml --from "$out/tuned-slim.safetensors"

say "5. the model"
slim longer
go run ./scripts/embed "$out/longer-slim.safetensors" "$out/csnet.safetensors"
"$csnet" summary --checkpoint "$out/csnet.safetensors" | tail -5
if [ -n "${MODEL:-}" ]; then
  cp "$out/csnet.safetensors" checkpoint/embedded/csnet.safetensors
fi
