#!/usr/bin/env bash
# Runs the ablations of configs/ablations one after the other and leaves their tables
# in OUT/<list>/table.md. What is done is left out, so that it can be stopped and called
# again. `decay` alone takes about two hours on two cores (245 minutes of one thread,
# with 6,000 pictures); the other lists that train have not been run to their ends.
#
# Usage: scripts/ablations.sh DUTS-TR ECSSD [OUT] [LIST...]     (default runs/ablations, all lists)
# THREADS=N sets the threads; SET="key=value ..." overrides keys in every training.
set -euo pipefail
cd "$(dirname "$0")/.."
data=$(realpath "${1:?usage: scripts/ablations.sh DUTS-TR ECSSD [OUT] [LIST...]}")
test=$(realpath "${2:?usage: scripts/ablations.sh DUTS-TR ECSSD [OUT] [LIST...]}")
out=$(realpath -m "${3:-runs/ablations}")
shift $(($# < 3 ? $# : 3))
lists=("$@")
if [ ${#lists[@]} = 0 ]; then
  lists=(runtime decay splits extractor csf)
fi
mkdir -p "$out"
go build -o "$out/csnet" ./cmd/csnet

# Smaller photos are decoded in a fraction of the time, and the nets see 96 pixels at most.
[ -d "$out/small" ] || "$out/csnet" data shrink "$data" --side 288 --out "$out/small"
set=()
for s in ${SET:-}; do
  set+=(--set "$s")
done
for l in "${lists[@]}"; do
  printf '\n== %s\n' "$l"
  "$out/csnet" ablate "$l" --data "$out/small" --eval "ECSSD=$test" --out "$out/$l" --threads "${THREADS:-0}" "${set[@]}"
done
