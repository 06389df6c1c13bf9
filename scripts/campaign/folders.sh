# Commands that write a folder: a report over an older one, and new sets, which are
# there whole or not at all.
# shellcheck shell=bash
total=0
rm -rf report
./drawset second9 6 40 2 > /dev/null
"$csnet" eval --checkpoint "$net" --data set --out report > /dev/null 2>&1
one=$(sed -E 's/[0-9]+(\.[0-9]+)? ?(ms|s)\b//g' report/scores.csv | cksum)
"$csnet" eval --checkpoint "$net" --data second9 --out report > /dev/null 2>&1
two=$(sed -E 's/[0-9]+(\.[0-9]+)? ?(ms|s)\b//g' report/scores.csv | cksum)
most=$(points eval --checkpoint "$net" --data set --out report)
longest=$(milliseconds "$csnet" eval --checkpoint "$net" --data set --out report)
for n in $(seq 1 $((most + ${CAMPAIGN_SHORT:-40}))); do
  total=$((total + 1))
  if [ $((n % 2)) = 0 ]; then other=set; else other=second9; fi
  if [ "$n" -le "$most" ]; then
    CSNET_CAMPAIGN_KILL=$n "$attacked" eval --checkpoint "$net" --data "$other" --out report > /dev/null 2>&1 || true
  else
    "$csnet" eval --checkpoint "$net" --data "$other" --out report > /dev/null 2>&1 &
    nap "$longest"
    kill -9 $! 2> /dev/null || true
    wait $! 2> /dev/null || true
  fi
  is=$(sed -E 's/[0-9]+(\.[0-9]+)? ?(ms|s)\b//g' report/scores.csv | cksum)
  [ "$is" = "$one" ] || [ "$is" = "$two" ] || wrong "eval killed ($n): scores.csv is of neither report"
  [ -s report/report.html ] && [ -s report/curves.csv ] || wrong "eval killed ($n): the report is not whole"
  case $is in # the page is of the same report as the table
    "$one") ! grep -q second9 report/report.html || wrong "eval killed ($n): table of one set, page of another" ;;
    "$two") grep -q second9 report/report.html || wrong "eval killed ($n): table of one set, page of another" ;;
  esac
done
"$csnet" eval --checkpoint "$net" --data set --out report > /dev/null 2>&1 || wrong "eval after kills: failed"
[ -z "$(leftovers)" ] || wrong "eval after kills: left over: $(leftovers)"
row 'eval --out over an older report: kill -9' "$total"

total=0
for command in split shrink; do
  arguments=(data "$command" set --out cut)
  if [ "$command" = split ]; then arguments+=(--share 0.3); else arguments+=(--side 32); fi
  longest=$(milliseconds "$csnet" "${arguments[@]}")
  [ -d cut ] || wrong "data $command: failed"
  rm -rf new && mv cut new
  for n in $(seq "${CAMPAIGN_SHORT:-40}"); do
    total=$((total + 1))
    "$csnet" "${arguments[@]}" > /dev/null 2>&1 &
    nap "$((longest + 10))"
    kill -9 $! 2> /dev/null || true
    wait $! 2> /dev/null || true
    if [ -e cut ]; then
      diff -rq cut new > /dev/null || wrong "data $command killed ($n): cut is not whole"
      rm -rf cut
    fi
  done
  "$csnet" "${arguments[@]}" > /dev/null 2> log || wrong "data $command after kills: failed: $(tail -1 log)"
  [ -z "$(leftovers)" ] || wrong "data $command after kills: left over: $(leftovers)"
  rm -rf cut new
done
row 'data split, data shrink: kill -9 at random moments' "$total"
