# csnet train: fresh, with other threads, stopped and resumed.
nine=(--set train.steps=9)
run 0 "train" "$csnet" train "${tiny[@]}" "${nine[@]}" --data set --out run --threads 1 --seed 7
has run/checkpoints/last.safetensors run/checkpoints/best.safetensors run/config.yaml run/metrics.jsonl run/report.html
cp run/metrics.jsonl out
said=$("$work/jsonkeys" -lines step epoch < out 2>&1) || fail "metrics.jsonl: $said"
grep '"loss"' run/metrics.jsonl > out || fail "metrics.jsonl has no loss"
said=$("$work/jsonkeys" -lines step epoch loss lr lambda params_left macs_left seconds < out 2>&1) || fail "metrics.jsonl: $said"
grep -q '"val_mae"' run/metrics.jsonl && grep -q '"val_maxF"' run/metrics.jsonl || fail "metrics.jsonl has no validation"
good "  metrics.jsonl"

run 0 "train, two threads" "$csnet" train "${tiny[@]}" "${nine[@]}" --data set --out run2 --threads 2 --seed 7
same run/checkpoints/last.safetensors run2/checkpoints/last.safetensors

bad "a folder that holds a run" 'resume' "$csnet" train "${tiny[@]}" --data set --out run
usage "--resume with another rate" "$csnet" train "${tiny[@]}" --data set --out run --resume --set optim.lr=0.1
bad "--resume of nothing" 'no run|not exist|no such' "$csnet" train "${tiny[@]}" --data set --out nothing --resume
absent nothing

# Stop a run by SIGTERM after its first steps, go on, and compare with one that was never stopped.
forty=(--set train.steps=40)
run 0 "train, never stopped" "$csnet" train "${tiny[@]}" "${forty[@]}" --data set --out whole --threads 2 --seed 3
"$csnet" train "${tiny[@]}" "${forty[@]}" --data set --out parted --threads 2 --seed 3 > "$work/out" 2> "$work/err" &
pid=$!
for _ in $(seq 600); do
  [ -s parted/metrics.jsonl ] && break
  sleep 0.05
done
kill -TERM "$pid" 2> /dev/null || true
code=0
wait "$pid" || code=$?
if [ "$code" = 0 ]; then
  good "stopped too late to see: the run had ended"
else
  [ "$code" = 130 ] || fail "a stopped run ends with $code, want 130"
  has parted/checkpoints/last.safetensors
  good "stopped: 130, state saved"
  run 0 "go on" "$csnet" train "${tiny[@]}" "${forty[@]}" --data set --out parted --threads 1 --resume
fi
same whole/checkpoints/last.safetensors parted/checkpoints/last.safetensors
run 0 "lengthen a run" "$csnet" train --config run/config.yaml --data set --out run2 --resume --set train.steps=12
usage "train without a config" "$csnet" train --data set --out x
usage "train without data" "$csnet" train "${tiny[@]}" --out x
absent x
