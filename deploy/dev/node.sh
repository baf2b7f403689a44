#!/usr/bin/env bash
# Sees that the interop tests have Node 20 or later and their packages (tests/interop/package-lock.json).
#
# The machine's own Node is used where it is new enough; otherwise a hashed wheel brings one into .venv/bin, which the
# Makefile puts first on the PATH. A stamp keyed by the lock says that it was done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [ ! -f tests/interop/package.json ]; then exit 0; fi
PATH="$PWD/.venv/bin:$PATH"

if ! { node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' && command -v npm; } >/dev/null 2>&1; then
  echo "Installing requirements/node.txt, for there is no Node 20 or later here."
  .venv/bin/python -m pip install --quiet --require-hashes -r requirements/node.txt
fi

cd tests/interop
stamp="node_modules/.stamp-$(cat package.json package-lock.json | sha256sum | cut -c1-16)"
if [ -e "$stamp" ]; then exit 0; fi
npm ci --no-audit --no-fund --no-update-notifier --ignore-scripts
touch "$stamp"
