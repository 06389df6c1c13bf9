# csnet bench.
for mode in infer train; do
  run 0 "bench --mode $mode" "$csnet" bench --config "$root/configs/csnet-tiny.yaml" --mode "$mode" --size 64 --batch 2 --threads 1 --json
  keys ms_per_image images_per_second gmacs_per_second peak_rss_mb threads=1 batch=2 size=64
done
run 0 "bench of a checkpoint" "$csnet" bench --checkpoint small.safetensors --mode infer --size 64
usage "an unknown mode" "$csnet" bench --config "$root/configs/csnet-tiny.yaml" --mode fast
