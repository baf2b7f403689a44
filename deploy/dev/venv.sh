#!/usr/bin/env bash
# Makes .venv hold what one lock says, and this work tree itself (editable). Usage: venv.sh demo|dev
#
# A stamp keyed by the lock and pyproject.toml says that it was done: then nothing runs and no network is touched.
# The package index is whatever pip's own configuration says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV

stamp_of() { echo ".venv/.stamp-$1-$(cat "requirements/$1.txt" pyproject.toml | sha256sum | cut -c1-16)"; }

# A moved tree leaves scripts that point at the old place, and an upgraded system an environment without interpreter.
if [ -d .venv ] && ! { .venv/bin/python -c '' && [ "$(cat .venv/.home)" = "$PWD" ]; } 2>/dev/null; then
  echo "The environment in .venv does not work here any more: making it anew."
  rm -rf .venv
fi

# The dev lock holds the demo's pins too.
for done in "$1" dev; do
  if [ -e "$(stamp_of "$done")" ]; then exit 0; fi
done

if [ ! -d .venv ]; then
  base="$(deploy/dev/find-python.sh)"
  if ! "$base" -c 'import ensurepip, venv' 2>/dev/null; then
    deploy/dev/system-packages.sh "python$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv="
  fi
  echo "Making .venv with $("$base" --version)."
  "$base" -m venv .venv
  echo "$PWD" >.venv/.home
fi

echo "Installing requirements/$1.txt, each file held against its hash."
.venv/bin/python -m pip install --quiet --require-hashes -r "requirements/$1.txt"
# The build backend came with the lock, so this needs no network.
.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
rm -f .venv/.stamp-"$1"-*
touch "$(stamp_of "$1")"
