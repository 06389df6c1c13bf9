#!/usr/bin/env bash
# Times two builds of csnet in turn, so that a busy neighbour meets both, and prints
# medians, lower quartiles and their ratios: inference of the released x1-L and of
# csnet-x1, and a training step of csnet-x1. Wants an idle machine and ten minutes.
# Usage: scripts/compare_builds.sh OLD [NEW]     (default NEW: built from this tree)
# OLDCONFIG=FILE is csnet-x1 in the keys that OLD knows, if it refuses today's file.
# The released net comes from $CSNET_SHARED, default ../shared.
set -euo pipefail
cd "$(dirname "$0")/.."
old=$(realpath "${1:?usage: scripts/compare_builds.sh OLD [NEW]}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
if [ -n "${2:-}" ]; then
  new=$(realpath "$2")
else
  go build -o "$tmp/csnet" ./cmd/csnet
  new=$tmp/csnet
fi
shared=$(realpath -m "${CSNET_SHARED:-../shared}")
"$old" import --from "$shared/checkpoints/csnet-L-x1.pth.tar" --out "$tmp/x1L.safetensors" 2> /dev/null
cp configs/csnet-x1.yaml "$tmp/new.yaml"
cp "${OLDCONFIG:-configs/csnet-x1.yaml}" "$tmp/old.yaml"

middle() { sort -g | awk '{ x[NR] = $1 } END { print (x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2, x[int((NR + 3) / 4)] }'; }

# compare NAME ROUNDS x1|x1-L ARGS...
compare() {
  local name=$1 rounds=$2 net=$3
  shift 3
  : > "$tmp/old"
  : > "$tmp/new"
  for i in $(seq "$rounds"); do
    for which in $([ $((i % 2)) = 0 ] && echo "old new" || echo "new old"); do
      local build=$old
      [ "$which" = old ] || build=$new
      local source=(--checkpoint "$tmp/x1L.safetensors")
      [ "$net" = x1-L ] || source=(--config "$tmp/$which.yaml")
      "$build" bench --json "${source[@]}" "$@" 2> "$tmp/err" > "$tmp/json" || { cat "$tmp/err" >&2; exit 1; }
      sed -n 's/^  "ms_per_image": \([0-9.e+-]*\).*/\1/p' "$tmp/json" >> "$tmp/$which"
    done
  done
  read -r a b < <(middle < "$tmp/old")
  read -r c d < <(middle < "$tmp/new")
  awk -v n="$name" -v a="$a" -v b="$b" -v c="$c" -v d="$d" 'BEGIN {
    printf "%-34s %8.2f => %8.2f  %5.3f    %8.2f => %8.2f  %5.3f\n", n, a, c, c / a, b, d, d / b }'
}

printf 'load %s; ms an image, old => new\n%-34s %-29s %s\n' "$(cut -d' ' -f1 /proc/loadavg)" "" "medians, new / old" "   lower quartiles"
compare "x1-L 224, 1 thread" 24 x1-L --mode infer --threads 1 --runs 40
compare "x1-L 224, 2 threads" 12 x1-L --mode infer --threads 2 --runs 100
compare "x1-L 224, 1 thread, AVX2" 24 x1-L --mode infer --threads 1 --runs 40 --cpu avx2
compare "x1-L 672, 1 thread" 16 x1-L --mode infer --threads 1 --size 672 --runs 8
compare "x1 224, 1 thread" 16 x1 --mode infer --threads 1 --runs 40
compare "x1 training step, batch 24, 2 threads" 7 x1 --mode train --batch 24 --size 224 --threads 2 --runs 4
