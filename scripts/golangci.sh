#!/usr/bin/env bash
# golangci.sh ARGS...: runs golangci-lint in the version this project pins, built
# with go outside go.mod; the first run installs it.
set -euo pipefail

version=v2.15.0
tools=${CSNET_TOOLS:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/csnet-tools}/golangci-lint-$version
if [ ! -x "$tools/golangci-lint" ]; then
  echo "installing golangci-lint $version into $tools" >&2
  GOBIN=$tools GOFLAGS=-mod=mod CGO_ENABLED=0 go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version" >&2
fi
exec "$tools/golangci-lint" "$@"
