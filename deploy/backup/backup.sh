#!/usr/bin/env bash
# Makes one backup of a relay that may go on running: backup.sh FOLDER
#
# In FOLDER comes a folder named by the time, with the database, the ciphertexts, and a list of digests. Ciphertexts are
# hard links to those of the newest backup where they are there already: they never change.
#
# Reads ZEGEL_FOLDER, and ZEGEL_BLOB_FOLDER where it was set. ZEGEL_PG_SERVICE names the connection service (~/.pg_service.conf,
# with the password in ~/.pgpass) of a Postgres database; without it the database is the SQLite file in ZEGEL_FOLDER.
#
# The keys files are NOT in it: whoever has a backup must not be able to speak as the relay, or to open contact addresses.
# Copy them once, by `keys.sh`, to another place.
set -euo pipefail
umask 077

target=${1:?usage: backup.sh FOLDER}
folder=${ZEGEL_FOLDER:?say where the relay keeps its data: ZEGEL_FOLDER}
blobs=${ZEGEL_BLOB_FOLDER:-$folder/blobs}
name=$(date -u +%Y%m%dT%H%M%SZ)
made=$target/.$name.partial
mkdir -p "$target"
before=$(find "$target" -maxdepth 1 -type d -name '2*Z' | sort | tail -n 1)

[ ! -e "$target/$name" ] || { echo "$target/$name was made this very second" >&2; exit 1; }
mkdir -p "$made/blobs"
trap 'rm -rf "$made"' EXIT

# The database first. A ciphertext is durable before the row that names it, so whatever this copy names is there below;
# what is accepted meanwhile is there too many, which harms nobody.
if [ -n "${ZEGEL_PG_SERVICE:-}" ]; then
  pg_dump --dbname="service=$ZEGEL_PG_SERVICE" --format=plain --no-owner --no-privileges --file="$made/relay.sql"
else
  zegel-relay backup --folder "$folder" --to "$made/relay.sqlite3" >/dev/null
fi

if [ -d "$blobs" ]; then
  (cd "$blobs" && find . -type f -not -path './partial/*' -print0) | while IFS= read -r -d '' file; do
    mkdir -p "$made/blobs/$(dirname "$file")"
    if [ -n "$before" ] && [ -f "$before/blobs/$file" ]; then
      ln "$before/blobs/$file" "$made/blobs/$file"
    elif ! cp --reflink=auto "$blobs/$file" "$made/blobs/$file" && [ -e "$blobs/$file" ]; then
      # One that retention erased just now is no longer owed to anybody; any other failure is one.
      exit 1
    fi
  done
fi

(cd "$made" && sha256sum relay.* >SHA256SUMS)
sync -f "$made"
mv -T "$made" "$target/$name"
trap - EXIT
echo "$target/$name"
