# csnet eval: checkpoints, maps, protocols, gates; real photos where they are.
a=run/checkpoints/best.safetensors b=tuned/checkpoints/last.safetensors
run 0 "eval" "$csnet" eval --checkpoint "$a" --data other --json
keys sets.other.images=8 sets.other.salmetric.maxF sets.other.salmetric.MAE
run 0 "eval, both protocols, saving maps" "$csnet" eval --checkpoint "$a" --data D=other --protocol both --save-maps maps --out scores --json
keys sets.D.salmetric.maxF sets.D.pysod.{MAE,maxF,meanF,adpF,wF,Sm,maxE,meanE,adpE,IoU,Dice,BER}
has scores/report.html scores/scores.tex scores/per_image.csv scores/curves/D_pysod_pr.svg scores/curves/D_salmetric_f.png
run 0 "eval, several nets and sets" "$csnet" eval --checkpoint one="$a" --checkpoint two="$b" --data other --data set --json
keys 'methods[].name' 'methods[].sets.other.salmetric.maxF' 'methods[].sets.set.salmetric.MAE'
mapdir=$(dirname "$(find maps -name '0000.png' | head -1)")
run 0 "eval of maps" "$csnet" eval --maps "$mapdir" --data other --json
keys sets.other.salmetric.maxF
run 0 "a gate that holds" "$csnet" eval --checkpoint "$a" --data other --gate other.MAE=1
run 1 "a gate that does not" "$csnet" eval --checkpoint "$a" --data other --gate other.maxF=0.9999
usage "equal names" "$csnet" eval --checkpoint n="$a" --checkpoint n="$b" --data other
run 0 "eval of the embedded model" "$csnet" eval --data other
usage "an unknown protocol" "$csnet" eval --checkpoint "$a" --data other --protocol best
bad "eval at a size that does not fit" 'multiple of|16|nearest' "$csnet" eval --checkpoint "$a" --data other --size 40

if [ -d "$shared/datasets/ECSSD-200" ]; then
  mkdir -p photos/images photos/ground_truth_mask
  for f in $(ls "$shared/datasets/ECSSD-200/images" | head -8); do
    cp "$shared/datasets/ECSSD-200/images/$f" photos/images/
    cp "$shared/datasets/ECSSD-200/ground_truth_mask/${f%.*}.png" photos/ground_truth_mask/
  done
  run 0 "data check of real photos" "$csnet" data check photos --json
  keys pairs=8
  run 0 "eval on real photos" "$csnet" eval --checkpoint "$a" --data photos --json
  keys sets.photos.images=8
fi
