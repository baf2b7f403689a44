#!/usr/bin/env bash
# Writes requirements/*.txt anew from pyproject.toml: every package pinned, every file hashed, for all platforms.
#
# Arguments go to uv (--upgrade). The dev lock is made first and binds the others, so that one environment can hold any
# of them. No address of an index and no path of this machine goes into the files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV

if ! .venv/bin/uv --version >/dev/null 2>&1; then
  if [ ! -x .venv/bin/python ]; then "$(deploy/dev/find-python.sh)" -m venv .venv && echo "$PWD" >.venv/.home; fi
  .venv/bin/python -m pip install --quiet uv
fi

compile() {
  local lock="requirements/$1.txt"
  shift
  .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --output-file "$lock" "$@" >/dev/null
}

compile dev "$@" --extra command --extra relay --extra demo --extra dev --group build
compile base "$@" --constraints requirements/dev.txt
compile relay "$@" --constraints requirements/dev.txt --extra relay
compile demo "$@" --constraints requirements/dev.txt --extra command --extra relay --extra demo --group build
.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-emit-find-links --custom-compile-command 'make lock' --output-file requirements/node.txt "$@" \
  --group node >/dev/null
