# Helpers of ci_walk.sh. Output of the last command: $work/out and $work/err.

fail() {
  printf 'walk: FAILED: %s\n' "$*"
  for f in out err; do
    [ ! -s "$work/$f" ] || { printf '  std%s:\n' "$f"; tail -n 15 "$work/$f" | cut -c 1-400 | sed 's/^/    /'; }
  done
  exit 1
}

good() {
  passed=$((passed + 1))
  printf '   ok  %s\n' "$1"
}

# run CODE NAME COMMAND...: the command ends with CODE.
run() {
  local want=$1 name=$2 got=0
  shift 2
  "$@" > "$work/out" 2> "$work/err" < /dev/null || got=$?
  [ "$got" = "$want" ] || fail "$name: exit code $got, want $want: ${*##*/}"
  good "$name"
}

# bad NAME PATTERN COMMAND...: the command ends with 1 or 2, says why on stderr in
# words that match PATTERN (extended, any case), and is no crash.
bad() {
  local name=$1 pattern=$2 got=0
  shift 2
  "$@" > "$work/out" 2> "$work/err" < /dev/null || got=$?
  [ "$got" = 1 ] || [ "$got" = 2 ] || fail "$name: exit code $got, want 1 or 2: ${*##*/}"
  ! grep -q '^goroutine [0-9]' "$work/err" || fail "$name: it crashed"
  grep -Eqi -- "$pattern" "$work/err" || fail "$name: stderr says nothing like '$pattern'"
  good "$name"
}

# usage NAME COMMAND...: wrong usage, exit code 2.
usage() {
  local name=$1
  shift
  run 2 "$name" "$@"
  [ -s "$work/err" ] || fail "$name: nothing on stderr"
}

# keys PATH...: stdout of the last command is one JSON object with these paths.
keys() {
  local said
  said=$("$work/jsonkeys" "$@" < "$work/out" 2>&1) || fail "--json: $said"
  good "  keys $*"
}

has() {
  local f
  for f in "$@"; do [ -s "$f" ] || fail "$f is missing or empty"; done
}

# absent PATH...: none of these is there.
absent() {
  local f
  for f in "$@"; do [ ! -e "$f" ] || fail "$f was left behind"; done
}

# same A B: equal files.
same() {
  cmp -s "$1" "$2" || fail "$1 and $2 differ"
  good "  $1 = $2"
}

# leftovers DIR: no temporary file lies in it.
leftovers() {
  local found
  [ -e "$1" ] || return 0
  found=$(find "$1" -name '*.tmp' -o -name '*.tmp*' -o -name '.*.partial' | head -5)
  [ -z "$found" ] || fail "left behind: $found"
}
