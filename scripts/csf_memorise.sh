#!/usr/bin/env bash
# CSF on ResNet-50 from random weights memorises 20 small pictures; a run that is stopped in
# the middle and resumed, with another number of threads, ends with the same bytes.
#
# Usage: scripts/csf_memorise.sh DATA [OUT] [STEPS] [SIZE]   (default runs/csf-memorise, 50, 64)
# CSNET names a built csnet. Every step is an epoch, after which both checkpoints are written, 0.9 GB: OUT is
# best on a fast disk.
set -euo pipefail
cd "$(dirname "$0")/.."
data=$(realpath "${1:?usage: scripts/csf_memorise.sh DATA [OUT] [STEPS] [SIZE]}")
out=$(realpath -m "${2:-runs/csf-memorise}")
steps=${3:-50}
size=${4:-64}
mkdir -p "$out"
csnet=${CSNET:-$out/csnet}
[ -x "$csnet" ] || go build -o "$csnet" ./cmd/csnet

# The first 20 pairs of the set.
photos=$(ls -d "$data"/*mage* | head -n 1)
masks=$(ls -d "$data"/*ask* | head -n 1)
rm -rf "$out/set" && mkdir -p "$out/set/images" "$out/set/masks"
for photo in $(ls "$photos" | head -n 20); do
  stem=${photo%.*}
  cp "$photos/$photo" "$out/set/images/"
  cp "$masks/$stem.png" "$out/set/masks/"
done

train() { # NAME THREADS [FLAG]...
  local name=$1 threads=$2
  shift 2
  "$csnet" train "$@" --data "$out/set" --out "$out/$name" --threads "$threads"
}
settings=(--config csf-resnet50 --set data.own_size=false --set "data.size=$size" --set data.val_share=0 --set data.augment.flip=0
  --set train.batch=20 --set train.accumulate=1 --set train.loss.sum=false --set optim.lr=5.0e-4 --set optim.l2=0
  --set "optim.schedule={kind: cosine, warmup_steps: 6, fresh: false}"
  --set train.log_every=1 --set train.save_every=1000000 --set train.save_interval=0s --set "train.steps=$steps")

# A whole run that is already in OUT is kept.
[ -f "$out/whole/checkpoints/last.safetensors" ] || train whole 1 "${settings[@]}"
# Stopped by Ctrl-C's signal once it is past a third of its steps, resumed with two threads.
rm -rf "$out/parts"
"$csnet" train "${settings[@]}" --data "$out/set" --out "$out/parts" --threads 2 &
pid=$!
until [ "$(wc -l 2>/dev/null <"$out/parts/metrics.jsonl" || echo 0)" -ge $((steps / 3)) ]; do
  kill -0 $pid 2>/dev/null || { echo "csf_memorise: the run ended by itself" >&2; exit 1; }
  sleep 1
done
kill -INT $pid
wait $pid && { echo "csf_memorise: the run was not stopped" >&2; exit 1; } || [ $? = 130 ]
train parts 2 --resume
cmp "$out/whole/checkpoints/last.safetensors" "$out/parts/checkpoints/last.safetensors"
sha256sum "$out/whole/checkpoints/last.safetensors" "$out/parts/checkpoints/last.safetensors"
echo "stopped and resumed on two threads: the same bytes as one run on one thread"

losses=$(sed -n 's/.*"loss":\([0-9.e+-]*\).*/\1/p' "$out/whole/metrics.jsonl")
echo "loss a pixel of every tenth step:" $(awk 'NR % 10 == 0' <<<"$losses")
"$csnet" eval --checkpoint "$out/whole/checkpoints/last.safetensors" --data "memorised=$out/set" --size "$size"
awk 'END {
  printf "binary cross entropy of a pixel over all pictures, at the last step: %.4f\n", $1
  exit !(NR > 0 && $1 > 0 && $1 < 0.1)
}' <<<"$losses" || { echo "csf_memorise: not below 0.1" >&2; exit 1; }
