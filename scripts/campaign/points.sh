# kill -9 at every point of every write of a run; and again, at a drawn point of
# what goes on.
# shellcheck shell=bash
most=$(points train "${run[@]}" --threads 2 --out list)
rm -rf list
total=0
for n in $(seq "$first" "$every" "$most"); do
  rm -rf k
  total=$((total + 1))
  CSNET_CAMPAIGN_KILL=$n train "$attacked" k > /dev/null 2>&1 && wrong "point $n: was not killed"
  if [ $((n % 2)) = 0 ] && [ -e k/checkpoints/last.safetensors ]; then
    CSNET_CAMPAIGN_KILL=$((1 + RANDOM % 60)) "$attacked" train --resume --out k --threads 2 > /dev/null 2>&1 || total=$((total + 1))
  fi
  goOn k "killed at point $n"
done
row "train, kill -9 at each of $most points of its writes, every second run twice" "$total"
