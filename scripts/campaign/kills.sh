# kill -9 at random moments of training, up to three in a row, then on to the end.
# shellcheck shell=bash
kills=0
longest=$(milliseconds train "$csnet" timed)
rm -rf timed
while [ "$kills" -lt "${CAMPAIGN_KILLS:-300}" ]; do
  rm -rf k
  for _ in $(seq $((1 + RANDOM % 3))); do
    goes k
    nap $((longest * 11 / 10))
    kill -9 "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
    kills=$((kills + 1))
  done
  goOn k "kill $kills"
done
row 'train, kill -9 at random moments, up to three in a row' "$kills"
