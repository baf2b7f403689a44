#!/usr/bin/env bash
# Copies the relay's keys files to a place of their own, apart from backups: keys.sh FOLDER
#
# With them a relay signs as before after a disaster; with them a thief does too. Keep the copy offline.
set -euo pipefail
umask 077

target=${1:?usage: keys.sh FOLDER}
folder=${ZEGEL_FOLDER:?say where the relay keeps its data: ZEGEL_FOLDER}
keys=${ZEGEL_KEYS_FILE:-$folder/keys.json}
contact=${ZEGEL_CONTACT_KEY_FILE:-$folder/contact-key.json}

mkdir -p "$target"
for file in "$keys" "$contact"; do
  if [ -e "$file" ]; then
    if [ -e "$target/$(basename "$file")" ]; then
      cmp --silent "$file" "$target/$(basename "$file")" || { echo "$target holds another $(basename "$file")" >&2; exit 1; }
    else
      cp "$file" "$target/"
    fi
  fi
done
sync -f "$target"
