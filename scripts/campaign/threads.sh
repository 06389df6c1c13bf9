# Any number of threads gives the same bytes, of training, maps and scores.
# shellcheck shell=bash
total=0
for threads in 1 2 3 5 8 13; do
  rm -rf k m s
  "$csnet" train "${run[@]}" --out k --threads "$threads" > /dev/null 2>&1 || wrong "$threads threads: failed"
  whole k "$threads threads"
  "$csnet" predict --checkpoint "$net" --out m --threads "$threads" set/images > /dev/null 2>&1
  [ -d m1 ] || cp -r m m1
  diff -rq m m1 > /dev/null || wrong "$threads threads: other maps"
  "$csnet" eval --checkpoint "$net" --data set --threads "$threads" --json 2> /dev/null | sed -E 's/"seconds[^,}]*//g' > s
  [ -s s1 ] || cp s s1
  cmp -s s s1 || wrong "$threads threads: other scores"
  total=$((total + 3))
done
row 'threads 1, 2, 3, 5, 8, 13: same bytes of train, predict, eval' "$total"
