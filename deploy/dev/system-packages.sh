#!/usr/bin/env bash
# Sees that commands are there, from Debian's packages. Usage: system-packages.sh PACKAGE=COMMAND...
#
# As root on a Debian-like system what is missing is installed; otherwise the line to run is printed and this fails.
# An empty COMMAND stands for a package without one, which the caller saw to be missing.
set -euo pipefail

missing=()
for pair in "$@"; do
  command -v "${pair#*=}" >/dev/null 2>&1 || missing+=("${pair%%=*}")
done
if [ "${#missing[@]}" -eq 0 ]; then exit 0; fi

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "Installing ${missing[*]}."
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "Needed and not found: ${missing[*]}. Nothing was changed. On Debian, run as root:" >&2
  echo "  apt-get update && apt-get install -y ${missing[*]}" >&2
  exit 1
fi
