# "No space left" at every point of every write: of a run, and of all commands that
# write. The old is there or the new, and nothing else.
# shellcheck shell=bash
most=$(points train "${run[@]}" --threads 2 --out list)
rm -rf list
total=0
for n in $(seq "$first" "$every" "$most"); do
  rm -rf k
  total=$((total + 1))
  code=0
  CSNET_CAMPAIGN_FULL=$n train "$attacked" k > /dev/null 2> log || code=$?
  [ "$code" = 1 ] || [ "$code" = 0 ] || wrong "full at point $n: exit $code"
  [ "$code" = 0 ] || grep -q 'no space left' log || wrong "full at point $n: does not say so: $(tail -1 log)"
  [ -z "$(leftovers)" ] || wrong "full at point $n: left over: $(leftovers)"
  goOn k "full at point $n"
done
row 'train, no space left at every point of its writes' "$total"
