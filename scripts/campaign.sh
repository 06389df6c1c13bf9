#!/usr/bin/env bash
# Attacks csnet and counts what holds: kill -9 at random moments and at every write,
# "no space left" at every write, signals, damaged checkpoints and photos, threads.
# Needs bash, coreutils and go. CAMPAIGN_TRIALS (default 20) is the number of trials
# of what is drawn; 170 takes an hour on two cores. Prints a table; exits 1 when
# anything was lost, half-written, left over, or silently wrong.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
trials=${CAMPAIGN_TRIALS:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/csnet" ./cmd/csnet
go build -tags campaign -o "$work/attacked" ./cmd/csnet
go build -o "$work/drawset" ./scripts/drawset
csnet=$work/csnet
attacked=$work/attacked
RANDOM=1
cd "$work"
./drawset set 16 40 1 > /dev/null

failed=0
wrong() {
  failed=$((failed + 1))
  printf 'WRONG: %s\n' "$*" >&2
}

# row NAME TRIALS WRONG
row() { printf '| %s | %d | %d |\n' "$1" "$2" "$3"; }

run=(--config "$root/configs/csnet-tiny.yaml" --data set --set net.width=0.25 --set data.size=32 --set train.batch=4 --set train.steps=8
  --set train.save_every=2 --set train.log_every=1 --set data.val_share=0.2 --set optim.schedule.warmup_steps=0 --threads 2)
train() { "$1" train "${run[@]}" --out "$2"; }
train "$csnet" ref > /dev/null 2>&1

# whole DIR: what a run never stopped would have left, and nothing else beside it.
lines() { sed -E 's/"seconds":[^,}]*//' "$1/metrics.jsonl"; }
whole() {
  local f
  for f in last best; do cmp -s "ref/checkpoints/$f.safetensors" "$1/checkpoints/$f.safetensors" || { wrong "$2: $f differs"; return; }; done
  cmp -s <(lines ref) <(lines "$1") || { wrong "$2: the log differs"; return; }
  [ -z "$(find "$1" -name '.csnet-*')" ] || wrong "$2: left over: $(find "$1" -name '.csnet-*' | head -3)"
}

# goOn DIR NAME: resume, or begin anew where nothing was saved; then it must be whole.
goOn() {
  if [ -e "$1/checkpoints/last.safetensors" ]; then
    "$csnet" check "$1/checkpoints/last.safetensors" > /dev/null 2>&1 || { wrong "$2: last is not sound"; return; }
    "$csnet" train --resume --out "$1" --threads 1 > log 2>&1 || { wrong "$2: does not resume: $(tail -1 log)"; return; }
  else
    train "$csnet" "$1" > log 2>&1 || { wrong "$2: does not begin anew: $(tail -1 log)"; return; }
  fi
  whole "$1" "$2"
}

printf '| attack | trials | wrong |\n| --- | --- | --- |\n'

before=$failed
kills=0
for i in $(seq "$trials"); do
  rm -rf k
  for _ in $(seq $((1 + RANDOM % 3))); do # several in a row
    if [ -e k/checkpoints/last.safetensors ]; then
      "$csnet" train --resume --out k --threads 2 > /dev/null 2>&1 &
    else
      rm -rf k
      "$csnet" train "${run[@]}" --out k > /dev/null 2>&1 &
    fi
    pid=$!
    sleep "0.$((RANDOM % 9))$((RANDOM % 10))"
    kill -9 "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
    kills=$((kills + 1))
  done
  goOn k "kill $i"
done
row 'train, kill -9 at random moments, up to three in a row' "$kills" $((failed - before))

before=$failed
for i in $(seq "$trials"); do
  rm -rf k
  "$csnet" train "${run[@]}" --out k > /dev/null 2>&1 &
  pid=$!
  sleep "0.$((2 + RANDOM % 7))"
  signal=$(printf 'INT\nTERM\nHUP\n' | sed -n "$((1 + RANDOM % 3))p")
  [ "$signal" != INT ] || signal=TERM # a job of a shell script ignores INT
  kill "-$signal" "$pid" 2> /dev/null || true
  code=0
  wait "$pid" 2> /dev/null || code=$?
  [ "$code" = 130 ] || [ "$code" = 0 ] || [ "$code" = 143 ] || [ "$code" = 129 ] || wrong "signal $i: $signal gives $code"
  goOn k "signal $i"
done
row 'train, SIGTERM and SIGHUP' "$trials" $((failed - before))

CSNET_CAMPAIGN_LIST=1 train "$attacked" list > /dev/null 2> log || true
points=$(grep -c '^point ' log)
before=$failed
for n in $(seq "$points"); do
  rm -rf k
  CSNET_CAMPAIGN_KILL=$n train "$attacked" k > /dev/null 2>&1 && wrong "point $n: was not killed"
  goOn k "killed at point $n"
done
row 'train, kill -9 at every point of every write' "$points" $((failed - before))

before=$failed
for n in $(seq "$points"); do
  rm -rf k
  CSNET_CAMPAIGN_FULL=$n train "$attacked" k > /dev/null 2> log && code=0 || code=$?
  [ "$code" = 1 ] || [ "$code" = 0 ] || wrong "full at point $n: exit $code"
  [ -z "$(find k -name '.csnet-*' 2> /dev/null)" ] || wrong "full at point $n: left over"
  goOn k "full at point $n"
done
row 'train, no space left at every write' "$points" $((failed - before))

# Commands that write one thing: killed at every point, the old one or the new one is
# there, whole, and the next run leaves nothing beside it.
net=ref/checkpoints/last.safetensors
before=$failed
total=0
attack() { # NAME OUT COMMAND...
  local name=$1 out=$2 n code most
  shift 2
  rm -rf "$out"
  CSNET_CAMPAIGN_LIST=1 "$attacked" "$@" > /dev/null 2> log || true
  most=$(grep -c '^point ' log || true)
  rm -rf old new && cp -r "$out" new
  for n in $(seq "$most"); do
    total=$((total + 1))
    CSNET_CAMPAIGN_KILL=$n "$attacked" "$@" > /dev/null 2>&1 || true
    diff -rq --exclude='.csnet-*' "$out" new > /dev/null || wrong "$name killed at point $n: $out is neither old nor new"
    "$csnet" "$@" > /dev/null 2>&1 || wrong "$name after point $n: failed"
    [ -z "$(find . -maxdepth 3 -name '.csnet-*')" ] || wrong "$name after point $n: left over: $(find . -maxdepth 3 -name '.csnet-*' | head -2)"
  done
}
attack prune p.safetensors prune --checkpoint "$net" --ratio 0.3 --out p.safetensors
attack export e.safetensors export --checkpoint "$net" --out e.safetensors
attack onnx e.onnx export --checkpoint "$net" --format onnx --out e.onnx
attack import i.safetensors import --from e.safetensors --out i.safetensors
attack predict maps predict --checkpoint "$net" --out maps set/images
attack stats heat.png data stats set --out heat.png
row 'prune, export, import, predict, data stats: kill -9 at every point' "$total" $((failed - before))

before=$failed
"$csnet" eval --checkpoint "$net" --data set --out report > /dev/null 2>&1
for n in 1 2; do
  CSNET_CAMPAIGN_KILL=$n "$attacked" eval --checkpoint "$net" --data set --out report > /dev/null 2>&1 || true
  [ -s report/report.html ] && [ -s report/scores.csv ] && [ -s report/curves.csv ] || wrong "eval killed at point $n: the report is not whole"
  "$csnet" eval --checkpoint "$net" --data set --out report > /dev/null 2>&1 || wrong "eval after point $n: failed"
  [ -z "$(find . -maxdepth 2 -name '.csnet-*')" ] || wrong "eval after point $n: left over"
done
row 'eval --out over an older report: kill -9' 2 $((failed - before))

# Damage: refused, or at least never a crash, a hang or another result.
before=$failed
size=$(wc -c < "$net")
for i in $(seq $((5 * trials))); do
  cp "$net" bad.safetensors
  at=$(((RANDOM * 32768 + RANDOM) % size))
  if [ $((i % 2)) = 0 ]; then
    dd if=/dev/urandom of=bad.safetensors bs=1 seek="$at" count=1 conv=notrunc status=none
  else
    head -c "$at" "$net" > bad.safetensors
  fi
  cmp -s "$net" bad.safetensors && continue
  code=0
  timeout 20 "$csnet" predict --checkpoint bad.safetensors --out damaged set/images > /dev/null 2> log || code=$?
  [ "$code" = 1 ] || [ "$code" = 2 ] || wrong "damaged checkpoint $i at $at: exit $code"
  ! grep -q '^goroutine ' log || wrong "damaged checkpoint $i: crashed"
done
row 'checkpoints with a byte changed or cut short' $((5 * trials)) $((failed - before))

before=$failed
photo=$(find set/images -type f | sort | head -1)
size=$(wc -c < "$photo")
for i in $(seq $((5 * trials))); do
  name=bad.${photo##*.}
  cp "$photo" "$name"
  at=$(((RANDOM * 32768 + RANDOM) % size))
  dd if=/dev/urandom of="$name" bs=1 seek="$at" count=$((1 + RANDOM % 64)) conv=notrunc status=none
  code=0
  timeout 20 "$csnet" predict --checkpoint "$net" --overwrite --out damaged "$name" > /dev/null 2> log || code=$?
  [ "$code" = 0 ] || [ "$code" = 1 ] || [ "$code" = 2 ] || wrong "damaged photo $i at $at: exit $code"
  ! grep -q '^goroutine ' log || wrong "damaged photo $i: crashed"
done
row 'photos with bytes changed: no crash, no hang' $((5 * trials)) $((failed - before))

before=$failed
for threads in 1 3 5 8; do
  rm -rf k
  "$csnet" train "${run[@]}" --out k --threads "$threads" > /dev/null 2>&1 || wrong "$threads threads: failed"
  whole k "$threads threads"
done
row 'threads 1, 3, 5, 8: same bytes' 4 $((failed - before))

printf '\n%d wrong\n' "$failed"
[ "$failed" = 0 ]
