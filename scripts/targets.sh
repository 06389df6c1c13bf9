#!/usr/bin/env bash
# Measures how csnet's times behave - with threads, size, batch, width, a whole
# folder, a whole epoch - and prints one table with the wanted values beside it.
# Both sides of a ratio are measured in turn, round by round, and their medians
# taken. Wants an idle machine of two cores or more, and a few minutes.
# Usage: scripts/targets.sh [ROUNDS]   (default 3; nets and photos come from $CSNET_SHARED, default ../shared)
set -euo pipefail
cd "$(dirname "$0")/.."
shared=$(realpath -m "${CSNET_SHARED:-../shared}")
rounds=${1:-3}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
go build -o "$tmp/csnet" ./cmd/csnet
go test -c -o "$tmp/eval.test" ./eval
csnet=$tmp/csnet
net=$tmp/x1-L.safetensors
"$csnet" import --from "$shared/checkpoints/csnet-L-x1.pth.tar" --out "$net" 2> "$tmp/err"

# quiet COMMAND...: without its stderr, unless it fails.
quiet() { "$@" 2> "$tmp/err" || { cat "$tmp/err" >&2; return 1; }; }

# value KEY ARGS...: one value of csnet bench --json.
value() { quiet "$csnet" bench --json "${@:2}" | sed -n "s/^  \"$1\": \([0-9.e+-]*\).*/\1/p"; }
infer() { value ms_per_image --mode infer "$@"; }
train() { value ms_per_image --mode train --config configs/csnet-x1.yaml --batch 24 --size 224 --runs 5 "$@"; }

median() { sort -g | awk '{ x[NR] = $1 } END { print (x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2 }'; }

# compare A B: both commands in turn; a and b are the medians of what they print.
compare() {
  : > "$tmp/a"
  : > "$tmp/b"
  for ((i = 0; i < rounds; i++)); do
    $1 >> "$tmp/a"
    $2 >> "$tmp/b"
  done
  a=$(median < "$tmp/a")
  b=$(median < "$tmp/b")
}

over() { awk -v a="$1" -v b="$2" 'BEGIN { print a / b }'; }

# row WHAT VALUE UNIT [<=|>= WANTED]
row() {
  awk -v what="$1" -v v="$2" -v unit="$3" -v op="${4-}" -v want="${5-}" 'BEGIN {
    mark = (op == "<=" && v > want + 0 || op == ">=" && v < want + 0) ? "  MISSED" : ""
    printf "%-58s %9.2f %-3s %s %s%s\n", what, v, unit, op, want, mark }'
}

printf '%-58s %9s     %s\n' what measured wanted

compare "infer --checkpoint $net --threads 1" "infer --checkpoint $net --threads 2"
row "x1-L, one image, 1 thread" "$a" ms
row "x1-L, one image, 2 threads" "$b" ms
row "1 thread over 2" "$(over "$a" "$b")" x ">=" 1.7
if grep -qw avx512f /proc/cpuinfo; then
  compare "infer --checkpoint $net --threads 1 --cpu avx2" "infer --checkpoint $net --threads 1"
  row "x1-L, one image, 1 thread, AVX2" "$a" ms
  row "AVX2 over AVX-512" "$(over "$a" "$b")" x
fi
compare "infer --checkpoint $net --threads 1 --size 672" "infer --checkpoint $net --threads 1"
row "672x672 over 224x224, 9 times the pixels" "$(over "$a" "$b")" x "<=" 9.5
compare "infer --checkpoint $net --threads 1 --batch 20" "infer --checkpoint $net --threads 1"
row "batch of 20 over one image, per image" "$(over "$a" "$b")" x "<=" 1
compare "infer --config configs/csnet-x2.yaml --threads 1" "infer --config configs/csnet-x1.yaml --threads 1"
row "x2 over x1, not pruned, 3.5 times the MACs" "$(over "$a" "$b")" x "<=" 3.6

compare "train --threads 1" "train --threads 2"
row "training step, x1, batch 24, 1 thread, per image" "$a" ms
row "training step, x1, batch 24, 2 threads, per image" "$b" ms
row "1 thread over 2" "$(over "$a" "$b")" x ">=" 1.8
row "training step, x1, batch 24, 2 threads, peak RSS" \
  "$(value peak_rss_mb --mode train --config configs/csnet-x1.yaml --batch 24 --size 224 --threads 2 --runs 3)" MB "<=" 1200

# One photo: ms from process start to exit.
one=()
if command -v taskset > "$tmp/err"; then
  one=(taskset -c 0)
fi
photo() {
  local start=$EPOCHREALTIME
  quiet "${one[@]}" "$csnet" predict --checkpoint "$net" --out "$tmp/maps" "$shared/golden/import_x1/chelsea.png"
  awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print 1e3 * (b - a) }'
}
row "csnet predict, one photo, one core, start to exit" "$(for i in {1..9}; do photo; done | median)" ms "<=" 100

# A folder: the benchmark prints the whole over the sum of its parts.
folder() {
  (cd eval && CSNET_SHARED=$shared quiet "$tmp/eval.test" -test.run '^$' -test.bench "PredictFolder/threads=$1" -test.benchtime 1x) |
    awk '{ for (i = 2; i <= NF; i++) if ($i == "times-parts") print $(i - 1) }'
}
for threads in 1 2; do
  row "200 photos over the sum of parts, --threads $threads" "$(for ((i = 0; i < rounds; i++)); do folder $threads; done | median)" x "<=" 1.2
done

# An epoch of 240 photos, the second one of a run: loading, training, saving.
photos=$shared/datasets/DUTS-TR-6000
mkdir -p "$tmp/set/DUTS-TR-Image" "$tmp/set/DUTS-TR-Mask"
for f in $(find "$photos/DUTS-TR-Image" -name '*.jpg' | sort | awk 'NR % 25 == 1'); do
  cp "$f" "$tmp/set/DUTS-TR-Image"
  cp "$photos/DUTS-TR-Mask/$(basename "$f" .jpg).png" "$tmp/set/DUTS-TR-Mask"
done
epoch() {
  rm -rf "$tmp/run"
  quiet "$csnet" train --config configs/csnet-x1.yaml --data "$tmp/set" --set data.val_share=0 --set train.epochs=2 --threads 2 --out "$tmp/run"
  sed 's/.*"seconds":\([0-9.e+]*\).*/\1/' "$tmp/run/metrics.jsonl" | awk '{ d = $1 - last; last = $1 } END { print 1e3 * d / 240 }'
}
compare epoch "train --threads 2 --runs 10"
row "epoch from JPEG files over the bare step, 2 threads" "$(over "$a" "$b")" x "<=" 1.05
