#!/usr/bin/env bash
# CSF on ResNet-50 from random weights memorises 20 small pictures; a run that is stopped in
# the middle and resumed, with another number of threads, ends with the same bytes.
#
# Usage: scripts/csf_memorise.sh DATA [OUT] [STEPS] [SIZE]   (default runs/csf-memorise, 120, 48)
# CSNET names a built csnet.
set -euo pipefail
cd "$(dirname "$0")/.."
data=$(realpath "${1:?usage: scripts/csf_memorise.sh DATA [OUT] [STEPS] [SIZE]}")
out=$(realpath -m "${2:-runs/csf-memorise}")
steps=${3:-120}
size=${4:-48}
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

train() { # NAME STEPS THREADS [FLAG]...
  local name=$1 steps=$2 threads=$3
  shift 3
  "$csnet" train "$@" --data "$out/set" --out "$out/$name" --threads "$threads"
}
settings=(--config csf-resnet50 --set data.own_size=false --set "data.size=$size" --set data.val_share=0 --set data.augment.flip=0
  --set train.batch=10 --set train.accumulate=2 --set train.loss.sum=false --set optim.lr=3.0e-4 --set optim.l2=0 --set "optim.schedule={kind: constant, fresh: false}"
  --set train.log_every=1 --set train.save_every=1000000 --set "train.steps=$steps")

[ -f "$out/whole/checkpoints/last.safetensors" ] || train whole "$steps" 1 "${settings[@]}"
# Stopped by Ctrl-C's signal once it is past a third of its steps, resumed with two threads.
rm -rf "$out/parts"
train parts "$steps" 2 "${settings[@]}" &
pid=$!
until [ "$(wc -l <"$out/parts/metrics.jsonl" 2>/dev/null || echo 0)" -ge $((steps / 3)) ]; do sleep 1; done
kill -INT $pid
wait $pid && { echo "csf_memorise: the run was not stopped" >&2; exit 1; } || [ $? = 130 ]
train parts "$steps" 2 --resume
echo "loss a pixel, first and last step:"
sed -n '1p;$p' "$out/whole/metrics.jsonl"
cmp "$out/whole/checkpoints/last.safetensors" "$out/parts/checkpoints/last.safetensors"
echo "stopped and resumed on two threads: the same bytes as one run on one thread"
