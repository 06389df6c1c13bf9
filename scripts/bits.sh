#!/usr/bin/env bash
# Prints hashes of what csnet computes: of a checkpoint's tensors after ten training
# steps (weights, statistics and moments) and of the logits of several nets, in plain Go, with AVX2 and with AVX-512, with
# one and with three threads. A change that is to leave the numbers alone leaves
# every line alone:
#
#   scripts/bits.sh > before; ...; scripts/bits.sh > after; diff before after
#
# Results of the three instruction sets differ from each other in rounding; those of
# one and of three threads must not differ: the script fails where they do. The
# released net is taken from $CSNET_SHARED (default ../shared), and left out, which
# the output says, where it is missing.
# Usage: scripts/bits.sh [-quick]   (-quick: without plain Go and the largest size)
set -euo pipefail
cd "$(dirname "$0")/.."
shared=$(realpath -m "${CSNET_SHARED:-../shared}")
quick=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

go build -o "$work/asm" ./cmd/csnet
go build -tags noasm -o "$work/plain" ./cmd/csnet
go build -o "$work/drawset" ./scripts/drawset
"$work/drawset" "$work/photos" 40 128

# csnet LEVEL ARGS...: the command with the instructions of that level.
csnet() {
  local level=$1
  shift
  case $level in
    plain) "$work/plain" "$@" ;;
    avx2) GODEBUG=cpu.avx512f=off "$work/asm" "$@" ;;
    avx512) "$work/asm" "$@" ;;
  esac 2> "$work/err" > "$work/out" || { cat "$work/err" >&2; return 1; }
}

# tensors FILE: the tensors of a checkpoint. What stands before them is the length of
# a header, in 8 bytes, and the header: it names the configuration's keys as well.
tensors() { tail -c +"$(($(od -An -t u8 -N 8 "$1") + 9))" "$1"; }

# line WHAT LEVEL THREADS FILE: the hash of a file, which is that of one thread.
line() {
  local hash
  hash=$(sha256sum < "$4" | cut -c 1-32)
  printf '%-34s %-7s %d  %s\n' "$1" "$2" "$3" "$hash"
  if [ "$3" = 1 ]; then
    one=$hash
  elif [ "$hash" != "$one" ]; then
    echo "bits: $1, $2: other bits with $3 threads than with one" >&2
    return 1
  fi
}

# train NAME ARGS...: the checkpoint after ten steps.
train() {
  local name=$1 level threads
  shift
  for level in $levels; do
    for threads in 1 3; do
      rm -rf "$work/run"
      csnet "$level" train --data "$work/photos" --out "$work/run" --threads "$threads" --set train.steps=10 --set data.val_share=0 "$@"
      tensors "$work/run/checkpoints/last.safetensors" > "$work/tensors"
      line "train $name" "$level" "$threads" "$work/tensors"
    done
  done
}

# logits NAME SIZE ARGS...: the logits of two drawn images.
logits() {
  local name=$1 size=$2 level threads
  shift 2
  for level in $levels; do
    for threads in 1 3; do
      rm -f "$work/logits"
      csnet "$level" bench --mode infer --runs 1 --batch 2 --size "$size" --threads "$threads" --logits "$work/logits" "$@"
      line "logits $name at $size" "$level" "$threads" "$work/logits"
    done
  done
}

levels="avx2"
grep -qw avx512f /proc/cpuinfo 2> "$work/err" && levels="avx2 avx512"
[ "$quick" = -quick ] || levels="plain $levels"

tiny=configs/csnet-tiny.yaml
train tiny --config $tiny --set train.batch=8 --set data.size=96
train 1/0 --config $tiny --set train.batch=4 --set data.size=64 --set 'net.split=[1,0]'
train three --config $tiny --set train.batch=4 --set data.size=64 --set 'net.split=[2,1,1]'
train mixed --config $tiny --set train.batch=8 --set data.size=96 --set train.precision=mixed

sizes="96 224"
[ "$quick" = -quick ] || sizes="96 224 672"
for size in $sizes; do
  logits tiny "$size" --config $tiny
  logits 1/0 "$size" --config $tiny --set 'net.split=[1,0]'
  logits three "$size" --config $tiny --set data.size=96 --set 'net.split=[2,1,1]'
done

# Maps of a batch that leave the caches: written by streaming stores.
levels=${levels#plain }
train x1 --config configs/csnet-x1.yaml --set train.batch=4

if [ -f "$shared/checkpoints/csnet-L-x1.pth.tar" ]; then
  [ "$quick" = -quick ] || levels="plain $levels"
  csnet avx2 import --from "$shared/checkpoints/csnet-L-x1.pth.tar" --out "$work/x1-L.safetensors"
  csnet avx2 prune --checkpoint "$work/x1-L.safetensors" --ratio 0.4 --fold none --out "$work/pruned.safetensors"
  for size in $sizes; do
    logits x1-L "$size" --checkpoint "$work/x1-L.safetensors"
    logits pruned "$size" --checkpoint "$work/pruned.safetensors"
  done
else
  echo "left out: x1-L and a net pruned from it: no $shared/checkpoints/csnet-L-x1.pth.tar"
fi
