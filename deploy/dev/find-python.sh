#!/usr/bin/env bash
# Prints the first Python on the PATH that is 3.11 or later. PYTHON=... names one instead.
set -euo pipefail

# Each is run, not only looked up: a version manager's shim may be there for a version that is not.
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    command -v "$candidate"
    exit 0
  fi
done
cat >&2 <<'END'
Zegel needs Python 3.11 or later, and none was found on the PATH. Nothing was changed.
On Debian 12 or later, as root:  apt-get update && apt-get install -y python3 python3-venv
Or name one that you have:       make PYTHON=/path/to/python3.13 demo
END
exit 1
