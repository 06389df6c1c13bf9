#!/usr/bin/env bash
# How long it takes from nothing to a net of at most 100,000 parameters that reaches
# a maxF of .87 and an MAE of .105 on the validation share of DUTS-TR, beside the
# build of 709413e with its recipe of 160 pixels and a prune. Both run one after the
# other on this machine; the last line is the ratio of their times, which should be
# at most a third. Run it on a quiet machine.
#
# Usage: scripts/time_to_accuracy.sh DUTS-TR [OUT]     (default runs/time-to-accuracy)
# STEPS=N cuts every training to N steps, to try the script.
set -euo pipefail
cd "$(dirname "$0")/.."
data=$(realpath "${1:?usage: scripts/time_to_accuracy.sh DUTS-TR [OUT]}")
out=$(realpath -m "${2:-runs/time-to-accuracy}")
threads=${THREADS:-0}
base=709413e
want_maxf=.87
want_mae=.105
mkdir -p "$out"

say() { printf '\n== %s\n' "$*"; }
cut=()
[ -z "${STEPS:-}" ] || cut=(--set "train.steps=$STEPS")

say "builds"
go build -o "$out/csnet" ./cmd/csnet
if [ ! -x "$out/csnet-$base" ]; then
  rm -rf "$out/source-$base"
  mkdir "$out/source-$base"
  git archive "$base" | tar -x -C "$out/source-$base"
  (cd "$out/source-$base" && go build -o "$out/csnet-$base" ./cmd/csnet)
fi

# val RUN: the score of the best validation, "MAE maxF".
val() {
  grep '"val_mae"' "$1/metrics.jsonl" | sed 's/.*"val_mae":\([0-9.e-]*\),"val_maxF":\([0-9.e-]*\).*/\1 \2/' | LC_ALL=C sort -g | head -1
}
# row NAME PARAMS SECONDS MAE MAXF: a row of the table.
row() { printf '| %s | %s | %.1f | %.4f | %.4f |\n' "$1" "$2" "$(awk -v s="$3" 'BEGIN{print s / 60}')" "$5" "$4" >> "$out/table.md"; }
# score NAME: one value of the last evaluation.
score() { grep -o "\"$1\": *[0-9.e-]*" "$out/score.json" | head -1 | sed 's/.*: *//'; }
params() { "$out/csnet" summary --checkpoint "$1" --json | sed -n 's/^  "params": \([0-9]*\).*/\1/p'; }
printf '| build, recipe | parameters | minutes | val maxF | val MAE |\n|---|---|---|---|---|\n' > "$out/table.md"

say "$base at 160 pixels, then a prune"
rm -rf "$out/base"
start=$(date +%s)
"$out/csnet-$base" train --config "$out/source-$base/configs/csnet-x1.yaml" --set data.size=160 --set optim.lr=2e-3 \
  --set optim.schedule.kind=cosine --set optim.schedule.warmup_steps=200 --set optim.schedule.final=0.01 --set optim.l2=1e-4 \
  --set train.epochs=12 "${cut[@]}" --data "$data" --out "$out/base" --threads "$threads"
"$out/csnet-$base" prune --checkpoint "$out/base/checkpoints/best.safetensors" --target-params 100000 --out "$out/base-pruned.safetensors"
base_time=$(($(date +%s) - start))
read -r mae maxf < <(val "$out/base")
row "$base, 160 pixels, score before the prune" "$(params "$out/base-pruned.safetensors")" "$base_time" "$mae" "$maxf"

say "configs/embedded.yaml, then a prune"
rm -rf "$out/fast"
start=$(date +%s)
"$out/csnet" train --config configs/embedded.yaml "${cut[@]}" --data "$data" --out "$out/fast" --threads "$threads"
"$out/csnet" prune --checkpoint "$out/fast/checkpoints/last.safetensors" --target-params 100000 --out "$out/fast-pruned.safetensors" --overwrite
fast_time=$(($(date +%s) - start))
[ -d "$out/split" ] || "$out/csnet" data split "$data" --out "$out/split" --link
"$out/csnet" eval --checkpoint "$out/fast-pruned.safetensors" --data "$out/split/val" --json > "$out/score.json"
maxf=$(score maxF)
mae=$(score MAE)
row "this build, embedded.yaml, score after the prune" "$(params "$out/fast-pruned.safetensors")" "$fast_time" "$mae" "$maxf"

say "time to accuracy"
cat "$out/table.md"
awk -v f="$maxf" -v m="$mae" -v wf="$want_maxf" -v wm="$want_mae" -v a="$fast_time" -v b="$base_time" 'BEGIN{
  printf "%s: maxF %.4f of %s, MAE %.4f of %s; ratio of times %.2f (at most 0.33)\n", (f >= wf && m <= wm) ? "reached" : "not reached", f, wf, m, wm, a / b}'
