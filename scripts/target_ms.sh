#!/usr/bin/env bash
# How near csnet prune --target-ms comes: prunes NET to three times, and to the MACs of
# each of those nets by --target-macs, and times all of them in turn with csnet bench;
# then what odd channel counts cost: --ratio 0.5 with --round-to 1, 2, 4 and 8.
# Usage: scripts/target_ms.sh NET [MS...]     (default 0.8, 0.6 and 0.45 of NET's time)
# SIZE=N (default 224), ROUNDS=N (default 8). Wants an otherwise idle machine for two
# minutes; the time table of NET is measured first.
set -euo pipefail
net=$(realpath "${1:?usage: scripts/target_ms.sh NET [MS...]}")
shift
cd "$(dirname "$0")/.."
size=${SIZE:-224}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
csnet=${CSNET:-$tmp/csnet}
[ -n "${CSNET:-}" ] || go build -o "$csnet" ./cmd/csnet

# times NET: single runs on one thread, ms.
times() { "$csnet" bench --mode infer --checkpoint "$1" --size "$size" --threads 1 --runs 30 --json 2> /dev/null | sed -n '/"times_ms"/,/\]/p' | grep -oE '[0-9]+\.[0-9]+'; }
spread() { sort -g "$1" | awk '{ x[NR] = $1 } END { printf "%.2f %.2f\n", x[int((NR + 1) / 2)], x[int((NR + 3) / 4)] }'; }
# after KEY NET: params or macs that pruning left.
after() { sed -n '/"after": {/,/}/p' "$tmp/$2.json" | sed -n "s/^ *\"$1\": \([0-9]*\).*/\1/p" | head -1; }

# The net is timed before its table of times and behind it, and among the others: where a
# shared machine becomes faster or slower meanwhile, its share tells what its ms cannot.
times "$net" > "$tmp/whole"
"$csnet" bench --mode infer --checkpoint "$net" --size "$size" --threads 1 --latency "$tmp/latency.json" 2> /dev/null > /dev/null
times "$net" >> "$tmp/whole"
read -r whole quartile < <(spread "$tmp/whole")
if [ $# = 0 ]; then
  set -- $(awk -v t="$whole" 'BEGIN { printf "%.2f %.2f %.2f", .8 * t, .6 * t, .45 * t }')
fi
nets=()
for x in "$@"; do
  "$csnet" prune --checkpoint "$net" --target-ms "$x" --latency "$tmp/latency.json" --out "$tmp/ms-$x.safetensors" --json 2> /dev/null > "$tmp/ms-$x.json"
  "$csnet" prune --checkpoint "$net" --target-macs "$(after macs "ms-$x")" --out "$tmp/macs-$x.safetensors" --json 2> /dev/null > "$tmp/macs-$x.json"
  nets+=("ms-$x" "macs-$x")
done
for r in 1 2 4 8; do
  "$csnet" prune --checkpoint "$net" --ratio 0.5 --round-to "$r" --out "$tmp/round-$r.safetensors" --json 2> /dev/null > "$tmp/round-$r.json"
  nets+=("round-$r")
done
for _ in $(seq "${ROUNDS:-8}"); do
  times "$net" >> "$tmp/net.times"
  for n in "${nets[@]}"; do
    times "$tmp/$n.safetensors" >> "$tmp/$n.times"
  done
done
printf '%-14s %10s %12s %8s %8s\n' net parameters MACs ms quartile
for n in "${nets[@]}"; do
  read -r a b < <(spread "$tmp/$n.times")
  printf '%-14s %10s %12s %8s %8s\n' "$n" "$(after params "$n")" "$(after macs "$n")" "$a" "$b"
done
read -r now nowq < <(spread "$tmp/net.times")
printf '\nshare of the whole net (%s ms, quartile %s, when its table was made; %s, %s among the others): wanted, measured, by quartiles\n' "$whole" "$quartile" "$now" "$nowq"
for x in "$@"; do
  read -r a b < <(spread "$tmp/ms-$x.times")
  awk -v x="$x" -v w="$whole" -v q="$quartile" -v a="$a" -v b="$b" -v n="$now" -v m="$nowq" 'BEGIN { printf "ms-%-11s wanted %.3f  measured %.3f (%+.1f%%)  by quartiles wanted %.3f  measured %.3f (%+.1f%%)\n", x, x / w, a / n, 100 * (a / n * w / x - 1), x / q, b / m, 100 * (b / m * q / x - 1) }'
done
