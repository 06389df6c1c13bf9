# csnet ablate, inspect, prune --sweep and --target-ms, and a run that prunes itself.
cat > list.yaml <<EOF
title: walk
seeds: [1, 2]
set: [net.width=0.25, data.size=32, train.batch=4, data.val_share=0.2, train.steps=4, optim.schedule.warmup_steps=0]
prune: {share: 0.6, finetune: {set: [dwd.mode=none]}}
entries:
  - {name: DWD, config: csnet-tiny}
  - {name: none, config: csnet-tiny, set: [dwd.mode=none], whole: true}
EOF
run 0 "ablate, dry run" "$csnet" ablate list.yaml --data set --eval other --out abl --dry-run
absent abl
run 0 "ablate" "$csnet" ablate list.yaml --data set --eval other --out abl --json
keys title 'results[].entry' 'results[].seed' 'results[].commit' 'results[].data' 'results[].nets[].params' 'results[].nets[].scores[].maxF'
has abl/table.md abl/table.tex abl/table.csv abl/table.json
run 0 "ablate again: all is done" "$csnet" ablate list.yaml --data set --eval other --out abl
usage "ablate with other settings into the same folder" "$csnet" ablate list.yaml --data set --eval other --out abl --set optim.lr=1
usage "a list that is not there" "$csnet" ablate deccay --data set

run 0 "a run that prunes itself" "$csnet" train "${tiny[@]}" --data set --out shrinks --set train.steps=24 --set 'prune.milestones=[2]' --set 'prune.ratios=[0.3]'
usage "a target that no net reaches" "$csnet" train "${tiny[@]}" --data set --out x --set 'prune.milestones=[1]' --set 'prune.target_params=[9]'
absent x
run 0 "inspect two runs" "$csnet" inspect run shrinks --out inspect.html
has inspect.html
run 0 "inspect, as JSON" "$csnet" inspect run shrinks --json
keys 'runs[].run' 'runs[].last.params'
bad "inspect what is no run" 'holds no run' "$csnet" inspect set

run 0 "latency table" "$csnet" bench --checkpoint "$last" --latency times.json --threads 1 --runs 3 --json
keys rest_ms 'layers[].name' 'widths[].ms'
run 0 "prune to a time" "$csnet" prune --checkpoint "$last" --target-ms 1000 --latency times.json --out timed.safetensors --json
keys time.before_ms time.after_ms
bad "a time that no net reaches" 'smallest net possible' "$csnet" prune --checkpoint "$last" --target-ms 1e-9 --latency times.json --out x.safetensors
bad "a threshold that empties the net" 'would empty the net' "$csnet" prune --checkpoint "$last" --threshold 1e9 --out x.safetensors
run 0 "sweep" "$csnet" prune --checkpoint "$last" --sweep --val other --latency times.json --out sweep --json
keys 'nets[].ratio' 'nets[].ms' 'nets[].score.maxF'
has sweep/report.html sweep/accuracy-ms.svg sweep/channels-0.5.png
absent x.safetensors
