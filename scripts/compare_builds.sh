#!/usr/bin/env bash
# Times two builds of csnet in turn, so that a busy neighbour meets both: inference of
# the released x1-L and of csnet-x1, and a training step of csnet-x1. Prints median,
# lower quartile, tenth and fastest of all single runs, and their ratios; on a machine
# shared with others, where medians of the same build differ by a fifth, the faster
# runs tell more. Wants an otherwise idle machine and eight minutes.
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

# spread: median, lower quartile, tenth and fastest of the times on standard input.
spread() { sort -g | awk '{ x[NR] = $1 } END { print (x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2, x[int((NR + 3) / 4)], x[int((NR + 9) / 10)], x[1] }'; }

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
      sed -n '/"times_ms"/,/\]/p' "$tmp/json" | grep -oE '[0-9]+(\.[0-9]+)?' >> "$tmp/$which"
    done
  done
  paste -d ' ' <(spread < "$tmp/old") <(spread < "$tmp/new") | awk -v n="$name" '{
    printf "%-26s", n
    for (i = 1; i <= 4; i++) printf "  %8.2f => %8.2f %5.3f", $i, $(i + 4), $(i + 4) / $i
    print "" }'
}

printf 'load %s; ms a run, old => new\n%-26s  %-26s  %-26s  %-26s  %s\n' "$(cut -d' ' -f1 /proc/loadavg)" "" "median" "lower quartile" "fastest tenth" "fastest"
compare "x1-L 224, 1 thread" 16 x1-L --mode infer --threads 1 --runs 100
compare "x1-L 224, 2 threads" 12 x1-L --mode infer --threads 2 --runs 100
compare "x1-L 224, 1 thread, AVX2" 14 x1-L --mode infer --threads 1 --runs 60 --cpu avx2
compare "x1-L 672, 1 thread" 12 x1-L --mode infer --threads 1 --size 672 --runs 12
compare "x1 224, 1 thread" 14 x1 --mode infer --threads 1 --runs 60
compare "x1 step of 24, 2 threads" 9 x1 --mode train --batch 24 --size 224 --threads 2 --runs 6
