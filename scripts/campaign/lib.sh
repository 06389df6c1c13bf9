# What the parts of scripts/campaign.sh share. Sourced by it, in its work folder.
# shellcheck shell=bash

failed=0
wrong() {
  failed=$((failed + 1))
  printf 'WRONG: %s\n' "$*" >&2
}

# row NAME TRIALS: a line of the table; wrong is what failed since the part began.
row() {
  printf '| %s | %d | %d |\n' "$1" "$2" $((failed - before))
  before=$failed
}

# A net and a set as small as they come: what is attacked are the writes, which are
# as many in a run of any size.
run=(--config csnet-tiny --data set --set net.width=0.1 --set 'net.blocks=[1, 1, 1, 1]' --set data.size=32 --set train.batch=2
  --set train.steps=8 --set train.save_every=2 --set train.log_every=3 --set data.val_share=0.2 --set optim.schedule.warmup_steps=0)
train() { "$1" train "${run[@]}" --threads 2 --out "$2"; }
train "$csnet" ref > /dev/null 2>&1
net=ref/checkpoints/last.safetensors

# whole DIR NAME: what a run never stopped would have left, and nothing else.
lines() { sed -E 's/"seconds":[^,}]*//' "$1/metrics.jsonl"; }
table() { cut -d, -f1-8,10- "$1/metrics.csv"; }
whole() {
  local f
  for f in last best; do cmp -s "ref/checkpoints/$f.safetensors" "$1/checkpoints/$f.safetensors" || { wrong "$2: $f differs"; return; }; done
  cmp -s <(lines ref) <(lines "$1") || { wrong "$2: the log differs: $(diff <(lines ref) <(lines "$1") | head -4)"; return; }
  cmp -s <(table ref) <(table "$1") || { wrong "$2: metrics.csv differs"; return; }
  cmp -s <(cd ref && find . | sort) <(cd "$1" && find . | sort) || wrong "$2: other files than a run never stopped: $(diff <(cd ref && find . | sort) <(cd "$1" && find . | sort) | head -4)"
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

# goes DIR: begins a run there, or goes on with it, in the background; its process
# is $pid. Signals that a script's jobs ignore are set back.
goes() {
  if [ -e "$1/checkpoints/last.safetensors" ]; then
    env --default-signal=INT,HUP,QUIT "$csnet" train --resume --out "$1" --threads 2 > /dev/null 2> said &
  else
    env --default-signal=INT,HUP,QUIT "$csnet" train "${run[@]}" --threads 2 --out "$1" > /dev/null 2> said &
  fi
  pid=$!
}

# nap MS: sleeps up to so many milliseconds.
nap() {
  local ms=$((RANDOM % $1))
  sleep "$((ms / 1000)).$(printf '%03d' $((ms % 1000)))"
}

# milliseconds COMMAND...: how long it takes.
milliseconds() {
  local from
  from=$(date +%s%N)
  "$@" > /dev/null 2>&1 || true
  printf '%d' $((($(date +%s%N) - from) / 1000000))
}

# points COMMAND...: at how many points of its writes the attacked build can be hit.
points() { CSNET_CAMPAIGN_LIST=1 "$attacked" "$@" 2>&1 > /dev/null | grep -c '^point ' || true; }

# leftovers: temporary files below here.
leftovers() { find . -maxdepth 4 \( -name '.csnet-*' -o -name '*.tmp' \) | head -3; }
