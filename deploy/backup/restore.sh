#!/usr/bin/env bash
# Restores one backup into an EMPTY database and folder: restore.sh BACKUP
#
# Stop every relay, worker and beat first. Reads the same variables as backup.sh. Put the keys files where they were before.
# The restored database is marked: a relay that starts on it signs nothing until the steward says `zegel steward epoch`.
set -euo pipefail
umask 077

backup=${1:?usage: restore.sh BACKUP}
folder=${ZEGEL_FOLDER:?say where the relay keeps its data: ZEGEL_FOLDER}
blobs=${ZEGEL_BLOB_FOLDER:-$folder/blobs}

refuse() {
  echo "$1" >&2
  exit 1
}

(cd "$backup" && sha256sum --check --quiet SHA256SUMS) || refuse "$backup is damaged: take another one."
if [ -d "$blobs" ] && [ -n "$(find "$blobs" -type f -print -quit)" ]; then
  refuse "$blobs is not empty. Nothing was changed. Move it away first."
fi

if [ -n "${ZEGEL_PG_SERVICE:-}" ]; then
  ask() { psql --no-psqlrc --quiet --dbname="service=$ZEGEL_PG_SERVICE" --set=ON_ERROR_STOP=1 "$@"; }
  tables=$(ask --tuples-only --no-align --command="SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
  [ "$tables" = 0 ] || refuse "The database is not empty. Nothing was changed. Make a new one, and name that."
  [ -f "$backup/relay.sql" ] || refuse "$backup is of an SQLite database."
else
  if [ -e "$folder/relay.sqlite3" ] || [ -e "$folder/relay.sqlite3-wal" ]; then
    refuse "$folder/relay.sqlite3 is there. Nothing was changed. Move it away first, with its -wal and -shm."
  fi
  [ -f "$backup/relay.sqlite3" ] || refuse "$backup is of a Postgres database."
fi

# Ciphertexts first, and the database last: while it is not there, nothing can start on half of a backup.
mkdir -p "$folder" "$blobs"
chmod 700 "$folder" "$blobs"
cp -a "$backup/blobs/." "$blobs/"
sync -f "$blobs"

if [ -n "${ZEGEL_PG_SERVICE:-}" ]; then
  # One transaction: there is no moment at which the tables are there without the mark.
  ask --single-transaction --output=/dev/null --file="$backup/relay.sql" \
    --command="UPDATE public.log_head SET restored_at = extract(epoch FROM now())::bigint"
else
  # The copy bears its mark already.
  cp "$backup/relay.sqlite3" "$folder/relay.sqlite3.partial"
  sync "$folder/relay.sqlite3.partial"
  mv "$folder/relay.sqlite3.partial" "$folder/relay.sqlite3"
  sync -f "$folder"
fi
echo "Restored. Start the relay, then the steward: zegel steward epoch --folder FOLDER --relay ORIGIN"
