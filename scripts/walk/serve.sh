# csnet serve: every form, refusals, the probe, and an end that answers. curl is not
# needed: bash speaks HTTP, and the program itself asks.
"$csnet" serve --checkpoint "$net" --addr 127.0.0.1:0 --max-bytes 1 --threads 1 2> served &
server=$!
for _ in $(seq 100); do
  ! grep -q 'listening on' served || break
  sleep 0.1
done
port=$(sed -n 's|.*listening on http://127.0.0.1:\([0-9]*\),.*|\1|p' served)
[ -n "$port" ] || fail "serve does not listen: $(cat served)"
good "serve listens"
run 0 "the probe of a server that is well" "$csnet" serve --probe --addr "127.0.0.1:$port"

# asked PATH FILE: posts a file; the answer's head and body go to $work/out, its code to $code.
asked() {
  exec 3<> "/dev/tcp/127.0.0.1/$port"
  { printf 'POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n' "$1" "$(stat -c %s "$2")"; cat "$2"; } >&3 2> "$work/err" || true
  cat <&3 > "$work/out" || true
  exec 3>&-
  code=$(head -c 12 "$work/out" | tail -c 3)
}
for as in map mask cutout overlay crop json; do
  asked "/v1/saliency?as=$as" other/images/0000.jpg
  [ "$code" = 200 ] || fail "serve as=$as: $code"
done
good "serve gives every form"
printf 'no photo' > text.txt
asked /v1/saliency text.txt
[ "$code" = 415 ] || fail "serve takes text for a photo: $code"
asked '/v1/saliency?as=video' other/images/0000.jpg
[ "$code" = 400 ] || fail "serve knows a form that is none: $code"
head -c 2000000 /dev/zero > large.bin
asked /v1/saliency large.bin
[ "$code" = 413 ] || fail "serve takes more than --max-bytes: $code"
good "serve refuses what is wrong"
kill -TERM "$server"
wait "$server" && got=0 || got=$?
[ "$got" = 0 ] || [ "$got" = 130 ] || fail "serve ends with $got: $(cat served)"
grep -q 'every request was answered' served || fail "serve does not say how it ended: $(cat served)"
good "serve ends at SIGTERM"
bad "the probe of a server that is gone" 'refused|connect' "$csnet" serve --probe --addr "127.0.0.1:$port"
usage "serve on an address that is none" "$csnet" serve --probe --addr nonsense
usage "serve without time" "$csnet" serve --checkpoint "$net" --timeout 0s
bad "serve on a port that is none" 'addr' "$csnet" serve --checkpoint "$net" --addr 127.0.0.1:99999
