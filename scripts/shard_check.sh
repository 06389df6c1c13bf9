#!/usr/bin/env bash
# Scores a set whole and in 1, 3, 7 and 300 shards, in no order, kills one of them and
# runs it again, merges, and compares all files with those of the whole run, to the byte.
# In report.html the date, the command line and measured milliseconds are taken out first.
#
#   scripts/shard_check.sh [SET] [CHECKPOINT]     SET: default ECSSD-200 of $CSNET_SHARED (../shared)
#
# $CSNET is the program; without it, it is built. $SHARDS are other numbers of shards. Without CHECKPOINT: the embedded model.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=$(realpath -m "${CSNET_SHARED:-../shared}")
set_dir=$(realpath -m "${1:-$shared/datasets/ECSSD-200}")
if [ ! -d "$set_dir" ]; then
  echo "left out: $set_dir is not here"
  exit 0
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
csnet=${CSNET:-$tmp/csnet}
[ -n "${CSNET:-}" ] || go build -o "$csnet" ./cmd/csnet
args=(eval --data "$set_dir" --protocol both --out scores --threads 1)
[ -z "${2:-}" ] || args+=(--checkpoint "$(realpath "$2")")

fail() { echo "shard_check: $*" >&2; exit 1; }
# plain DIR: report.html as it is but for what may differ.
plain() {
  sed -E -i -e 's|<dt>Made</dt><dd>[^<]*|<dt>Made</dt><dd>DATE|' -e 's/csnet eval [^<]*/COMMAND/g' -e '/<td class="words">checkpoint/s|<td>[0-9.]+</td></tr>|<td>MS</td></tr>|' "$1/report.html"
}
# shards N: all of them into N/scores, number 1 killed in the middle first.
shards() {
  local n=$1 pid
  mkdir "$tmp/$n"
  cd "$tmp/$n"
  if [ "$n" -gt 1 ]; then
    "$csnet" "${args[@]}" --shard "1/$n" > /dev/null 2>&1 & pid=$!
    sleep 0.3
    kill -9 "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
    [ ! -e "scores/shard-1-of-$n.json" ] || echo "  shard 1 of $n was done before it could be killed"
  fi
  seq 0 $((n - 1)) | grep -vx 1 | shuf | xargs -P "$(nproc)" -I {} "$csnet" "${args[@]}" --shard "{}/$n" > log 2>&1 || { tail log >&2; fail "a shard of $n"; }
  if [ "$n" -gt 1 ]; then
    "$csnet" eval merge scores > log 2>&1 && fail "$n shards: merged without shard 1"
    grep -m1 missing log || { cat log >&2; fail "$n shards: the missing one is not named"; }
    "$csnet" "${args[@]}" --shard "1/$n" > log 2>&1 || { cat log >&2; fail "shard 1/$n"; }
  fi
  "$csnet" eval merge scores > stdout 2> log || { cat log >&2; fail "$n shards: merge"; }
  rm -f scores/shard-*-of-*.json
  plain scores
  diff -r "$tmp/whole/scores" scores > differences || { head -5 differences >&2; fail "$n shards: other files"; }
  cmp "$tmp/whole/stdout" stdout
  echo "$n shards: $(find scores -type f | wc -l) files and the tables on stdout equal to the byte"
}

mkdir "$tmp/whole"
cd "$tmp/whole"
"$csnet" "${args[@]}" > stdout 2> log || { cat log >&2; fail "the whole run"; }
plain scores
for n in ${SHARDS:-1 3 7 300}; do shards "$n"; done
