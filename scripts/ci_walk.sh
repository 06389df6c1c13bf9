#!/usr/bin/env bash
# Uses the command line as a person would, every command of it, bad input
# included, and checks exit codes, the keys of --json and that failures leave
# nothing half-written behind. Needs bash, coreutils and go. With the reference data
# ($CSNET_SHARED, default ../shared) it also takes real photos and the released net;
# WALK_QUICKSTART=1 adds the quickstart, two minutes long.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
shared=${CSNET_SHARED:-../shared}
[ ! -d "$shared" ] || shared=$(cd "$shared" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0

go build -o "$work/csnet" ./cmd/csnet
go build -o "$work/jsonkeys" ./scripts/jsonkeys
go build -o "$work/drawset" ./scripts/drawset
csnet=$work/csnet

# shellcheck source=scripts/walk/lib.sh
. scripts/walk/lib.sh
cd "$work"
tiny=(--config "$root/configs/csnet-tiny.yaml" --set net.width=0.25 --set data.size=32 --set train.batch=4
  --set data.val_share=0.2 --set optim.schedule.kind=constant --set optim.schedule.warmup_steps=0)
"$work/drawset" set 30 48 1
"$work/drawset" other 8 48 2

for part in summary data train prune ablate eval predict serve convert bench badinput; do
  printf -- '-- %s\n' "$part"
  # shellcheck source=/dev/null
  . "$root/scripts/walk/$part.sh"
done

if [ "${WALK_QUICKSTART:-0}" = 1 ]; then
  printf -- '-- quickstart\n'
  run 0 "quickstart" "$csnet" quickstart --out quick
  has quick/report.html
fi

leftovers .
printf 'walk: %d checks passed\n' "$passed"
