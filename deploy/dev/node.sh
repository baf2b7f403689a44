#!/usr/bin/env bash
# Sees that there is Node 20 or later with the packages of portal/package-lock.json, and builds the family's page.
#
# The machine's own Node is used where it is new enough; otherwise a hashed wheel brings one into .venv/bin, which the
# Makefile puts first on the PATH. A stamp keyed by the lock says that it was done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
PATH="$PWD/.venv/bin:$PATH"

if ! { node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' && command -v npm; } >/dev/null 2>&1; then
  echo "Installing requirements/node.txt, for there is no Node 20 or later here."
  .venv/bin/python -m pip install --quiet --require-hashes -r requirements/node.txt
fi

cd portal
stamp="node_modules/.stamp-$(cat package.json package-lock.json | sha256sum | cut -c1-16)"
if [ ! -e "$stamp" ]; then
  npm ci --no-audit --no-fund --no-update-notifier --ignore-scripts
  touch "$stamp"
fi

# Built anew when a source is newer than what was built of it; the words are cut out of the catalogues.
built=../relay/zegel_relay/portal/shell/files.json
if [ ! -e "$built" ] || [ -n "$(find . ../protocol/zegel_protocol/texts -newer "$built" -type f \
  -not -path './node_modules/*' -not -path './build/*' -not -name '*.py*' -print -quit)" ]; then
  node build.mjs
fi
