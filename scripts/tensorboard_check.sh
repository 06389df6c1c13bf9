#!/usr/bin/env bash
# Trains a small net twice with train.tensorboard: once undisturbed, once killed with
# kill -9 ten times at any moment and resumed. After every kill the event file is
# read by a reader of its own (scripts/tfevents): all records but the last are whole.
# In the end both runs' files hold the same scalars, histograms and sample pictures
# at the same steps, and metrics.csv has the lines of metrics.jsonl.
# $TENSORBOARD names a folder that holds the Python package tensorboard (with its
# .proto compiled): its own reader then reads the file too.
# Usage: scripts/tensorboard_check.sh [KILLS]
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
kills=${1:-10}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
go build -o "$tmp/csnet" ./cmd/csnet
go build -o "$tmp/tfevents" ./scripts/tfevents
go run ./scripts/drawset "$tmp/set" 30 48 1
cd "$tmp"
args=(--config "$root/configs/csnet-tiny.yaml" --data set --seed 7 --threads 2 --set net.width=0.25 --set data.size=32 --set train.batch=4
  --set data.val_share=0.2 --set train.epochs=60 --set train.log_every=1 --set train.save_every=3 --set train.tensorboard=true)
file=events.out.tfevents.csnet
./csnet train "${args[@]}" --out whole 2> err || { cat err; exit 1; }
total=$(wc -l < whole/metrics.jsonl)

resume=
killed=0
while [ "$killed" -lt "$kills" ]; do
  before=0
  [ ! -f killed/metrics.jsonl ] || before=$(wc -l < killed/metrics.jsonl)
  # shellcheck disable=SC2086
  ./csnet train "${args[@]}" --out killed $resume 2> err &
  pid=$!
  # Some twelfth of the run on, and then at any moment within a step or two.
  until=$((before + total / (kills + 2)))
  while kill -0 "$pid" 2> /dev/null && { [ ! -f killed/metrics.jsonl ] || [ "$(wc -l < killed/metrics.jsonl)" -lt "$until" ]; }; do sleep 0.005; done
  sleep "0.0$((RANDOM % 100))"
  kill -KILL "$pid" 2> /dev/null || { cat err; echo "the run ended before kill $((killed + 1))"; exit 1; }
  wait "$pid" 2> /dev/null || true
  killed=$((killed + 1))
  ./tfevents -cut "killed/$file" > after
  echo "kill $killed: $(wc -l < killed/metrics.jsonl) lines of the log, $(wc -l < after) values whole in the event file"
  resume=--resume
  [ -f killed/checkpoints/last.safetensors ] || { rm -rf killed; resume=; }
done
./csnet train "${args[@]}" --out killed --resume 2> err || { cat err; exit 1; }

for run in whole killed; do ./tfevents "$run/$file" > "$run.values"; done
cmp whole.values killed.values || { diff whole.values killed.values | head; exit 1; }
for run in whole killed; do
  [ "$(tail -n +2 "$run/metrics.csv" | wc -l)" = "$(wc -l < "$run/metrics.jsonl")" ] || { echo "$run: metrics.csv and metrics.jsonl have not as many lines"; exit 1; }
done
echo "killed $killed times: the event file has the same $(wc -l < killed.values) values as that of the run never killed ($(awk '{ print $3 }' killed.values | sort | uniq -c | awk '{ printf "%s%d %ss", (NR > 1 ? ", " : ""), $1, $2 }'))"
if [ -n "${TENSORBOARD:-}" ]; then
  "${PYTHON:-python3}" - "$TENSORBOARD" "killed/$file" << 'END'
import collections
import sys

sys.path.insert(0, sys.argv[1])
from tensorboard.backend.event_processing import event_file_loader

steps = collections.defaultdict(list)
for event in event_file_loader.EventFileLoader(sys.argv[2]).Load():
    for value in event.summary.value:
        steps[value.metadata.plugin_data.plugin_name, value.tag].append(event.step)
count = collections.Counter()
for (plugin, tag), list_ in steps.items():
    assert all(a < b for a, b in zip(list_, list_[1:])), f'{tag}: steps {list_}'
    count[plugin] += len(list_)
print("TensorBoard's own reader:", ', '.join(f'{n} {plugin}' for plugin, n in sorted(count.items())), '- the steps of every tag rise')
END
fi
