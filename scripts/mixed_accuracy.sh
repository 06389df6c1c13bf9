#!/usr/bin/env bash
# Trains csnet-tiny and csnet-x1 at 112x112 in float32 and in mixed precision, three seeds of
# each, and prints what the last validations of every run say, and the spread over the seeds.
# What counts: the precisions differ by less than the seeds do in maxF and MAE, and by less
# than 3% in the parameters that pruning at the threshold would leave. A run that is there is
# not trained again, one that was stopped goes on: the script may be stopped and called again.
# Usage: scripts/mixed_accuracy.sh DATA OUT [EPOCHS=12] [NETS="csnet-tiny csnet-x1"] [SEEDS="1 2 3"]
set -euo pipefail
data=$(realpath "${1:?usage: scripts/mixed_accuracy.sh DATA OUT [EPOCHS] [NETS] [SEEDS]}")
mkdir -p "${2:?the folder of the runs}"
out=$(realpath "$2")
epochs=${3:-12}
nets=${4:-csnet-tiny csnet-x1}
seeds=${5:-1 2 3}
cd "$(dirname "$0")/.."
go build -o "$out/csnet" ./cmd/csnet

for net in $nets; do
  for seed in $seeds; do
    for precision in float32 mixed; do
      run=$out/$net-$precision-$seed
      if [ -f "$run/done" ]; then
        continue
      elif [ -f "$run/checkpoints/last.safetensors" ]; then
        "$out/csnet" train --resume --out "$run" --data "$data"
      else
        rm -rf "$run"
        "$out/csnet" train --config "$net" --data "$data" --out "$run" --set data.size=112 --set "train.epochs=$epochs" \
          --set "train.seed=$seed" --set optim.lr=1e-3 --set optim.schedule.kind=cosine --set "train.precision=$precision"
      fi
      touch "$run/done"
    done
  done
done

# last RUN: maxF, MAE and parameters left at the last validation.
last() {
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["val_mae"] != "" { line = $at["val_maxF"] " " $at["val_mae"] " " $at["params_left"] }
    END { print line }' "$1/metrics.csv"
}

printf '%-12s %-9s %-6s %8s %8s %12s\n' net precision seed maxF MAE params_left
for net in $nets; do
  for precision in float32 mixed; do
    for seed in $seeds; do
      read -r maxf mae left <<< "$(last "$out/$net-$precision-$seed")"
      printf '%-12s %-9s %-6s %8.4f %8.4f %12s\n' "$net" "$precision" "$seed" "$maxf" "$mae" "$left"
    done
  done
done | tee "$out/table"
awk '{ k = $1 " " $2; n[k]++; f[k] += $4; m[k] += $5; p[k] += $6
       if (n[k] == 1 || $4 < lo[k]) lo[k] = $4; if (n[k] == 1 || $4 > hi[k]) hi[k] = $4 }
  END { for (k in n) printf "%s: mean maxF %.4f (%.4f to %.4f), MAE %.4f, parameters left %.0f\n", k, f[k] / n[k], lo[k], hi[k], m[k] / n[k], p[k] / n[k] }' "$out/table" | sort
