# SIGINT, SIGTERM and SIGHUP at random moments: the state is saved, 130 is the code.
# shellcheck shell=bash
n=0
late=0
longest=$(milliseconds train "$csnet" timed)
rm -rf timed
while [ "$n" -lt "${CAMPAIGN_SIGNALS:-200}" ]; do
  rm -rf k
  for _ in $(seq $((1 + RANDOM % 2))); do
    signal=$(printf 'INT\nTERM\nHUP\n' | sed -n "$((1 + RANDOM % 3))p")
    had=0
    [ ! -e k/checkpoints/last.safetensors ] || had=1
    goes k
    nap $((longest * 11 / 10))
    code=0
    kill "-$signal" "$pid" 2> /dev/null || late=$((late + 1))
    wait "$pid" 2> /dev/null || code=$?
    case $code in
      0 | 130) ;;                                      # 0: it had ended, or was about to
      129 | 143) [ ! -s said ] || wrong "signal $n: $signal gives $code: $(tail -1 said)" ;; # before the program had begun
      1) [ "$had" = 1 ] || [ -e k/checkpoints/last.safetensors ] || wrong "signal $n: $signal gives 1: $(tail -1 said)" ;;
      *) wrong "signal $n: $signal gives $code: $(tail -1 said)" ;;
    esac
    n=$((n + 1))
  done
  goOn k "signal $n"
done
row "train, SIGINT, SIGTERM and SIGHUP ($late came when the run had ended)" "$n"
