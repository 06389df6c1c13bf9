# csnet prune, and fine-tuning of what it writes.
last=run/checkpoints/last.safetensors
run 0 "prune by ratio" "$csnet" prune --checkpoint "$last" --out small.safetensors --ratio 0.4 --fold none --json
keys before.params before.macs after.params after.macs 'layers[].name' 'layers[].before[]' 'layers[].after[]' 'max_abs_diff<1e-4' max_abs_diff_before
has small.safetensors
run 0 "prune, dry run" "$csnet" prune --checkpoint "$last" --ratio 0.2 --dry-run --json
keys after.params
run 0 "prune to a target" "$csnet" prune --checkpoint "$last" --out target.safetensors --target-params 12000 --json
keys 'after.params<12001'
run 0 "prune with constants folded, on photos, with a plan" "$csnet" prune --checkpoint "$last" --out folded.safetensors --ratio 0.4 --data other --recalibrate 4 --round-to 2 --keep stage1 --plan plan.json --json
keys after.params fold scores.before.maxF scores.after.MAE photos.max_abs_diff
run 0 "apply the plan" "$csnet" prune --checkpoint "$last" --out again.safetensors --apply plan.json --json
keys fold
bad "a plan of another net" 'for another net' "$csnet" prune --checkpoint folded.safetensors --out x.safetensors --apply plan.json
usage "a plan and a ratio" "$csnet" prune --checkpoint "$last" --out x.safetensors --apply plan.json --ratio 0.1
usage "exact with a ratio" "$csnet" prune --checkpoint "$last" --out x.safetensors --ratio 0.1 --fold exact
usage "gamma-gap without photos" "$csnet" prune --checkpoint "$last" --out x.safetensors --ratio 0.1 --criterion gamma-gap
run 0 "gamma-gap" "$csnet" prune --checkpoint "$last" --ratio 0.1 --criterion gamma-gap --data other --dry-run
bad "a layer to keep that is not there" 'stage9' "$csnet" prune --checkpoint "$last" --out x.safetensors --ratio 0.1 --keep stage9
run 0 "prune by threshold, as text" "$csnet" prune --checkpoint "$last" --out none.safetensors --threshold 1e-20
usage "two criteria" "$csnet" prune --checkpoint "$last" --out x.safetensors --ratio 0.2 --threshold 0.1
usage "a ratio of one" "$csnet" prune --checkpoint "$last" --out x.safetensors --ratio 1
bad "a target below what is possible" 'target|least|smallest|possible' "$csnet" prune --checkpoint "$last" --out x.safetensors --target-params 10
bad "prune without --out" 'out' "$csnet" prune --checkpoint "$last" --ratio 0.2
absent x.safetensors

run 0 "fine-tune" "$csnet" train "${tiny[@]}" --from small.safetensors --data set --out tuned --set train.steps=4
run 0 "summary of the fine-tuned net" "$csnet" summary --checkpoint tuned/checkpoints/last.safetensors --json
keys 'params<30000'
usage "--from with another net" "$csnet" train --config "$root/configs/csnet-x1.yaml" --from small.safetensors --data set --out x
absent x
