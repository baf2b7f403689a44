"""The floor: the least that a service could do with the same request, in the same time, on the same database.

Bare aiohttp on uvloop: read the body, verify as many Ed25519 signatures as a submission brings, insert it as one row,
commit, answer. It checks nothing else, tells nobody, and groups nothing.

`python -m zegel_bench.floor URL FOLDER SIZES`: SIZES are the lengths of the signed messages, by comma. Prints one JSON
line once it listens.
"""

import asyncio
import json
import os
import sqlite3
import sys
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import nacl.signing
import uvloop
from aiohttp import web

TABLE = "CREATE TABLE IF NOT EXISTS floor (id TEXT PRIMARY KEY, body {bytes} NOT NULL)"
POOL = 10
CHUNK = 256 * 1024


class Rows(ABC):
    """Where bodies are put, durably, one transaction each."""

    @abstractmethod
    async def insert(self, name: str, body: bytes) -> None:
        """Insert one row, and return once it is committed."""


class PostgresRows(Rows):
    """Rows in Postgres, by asyncpg's own pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, url: str) -> "PostgresRows":
        """Connect, and make the table."""
        pool = await asyncpg.create_pool(url, min_size=POOL, max_size=POOL)
        await pool.execute(TABLE.format(bytes="BYTEA"))
        return cls(pool)

    async def insert(self, name: str, body: bytes) -> None:
        """Insert one row, and return once it is committed."""
        await self._pool.execute("INSERT INTO floor VALUES ($1, $2)", name, body)


class SqliteRows(Rows):
    """Rows in SQLite, as durable as the relay's, in the one thread that writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1)
        self._connection = self._thread.submit(self._open).result()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(TABLE.format(bytes="BLOB"))
        return connection

    def _insert(self, name: str, body: bytes) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO floor VALUES (?, ?)", (name, body))
        self._connection.execute("COMMIT")

    async def insert(self, name: str, body: bytes) -> None:
        """Insert one row, and return once it is committed."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._insert, name, body)


class Floor:
    """The server's handlers."""

    def __init__(self, rows: Rows, folder: Path, sizes: list[int]) -> None:
        key = nacl.signing.SigningKey.generate()
        self._rows, self._file = rows, folder / "floor-file"
        self._signed = [bytes(key.sign(os.urandom(size))) for size in sizes]
        self._public = bytes(key.verify_key)

    async def submit(self, request: web.Request) -> web.Response:
        """Verify, insert, answer."""
        body = await request.read()
        for signed in self._signed:
            nacl.signing.VerifyKey(self._public).verify(signed)
        await self._rows.insert(os.urandom(16).hex(), body)
        return web.Response(body=b'{"accepted":true}', content_type="application/json")

    async def put(self, request: web.Request) -> web.Response:
        """Write a streamed body to a file, and return once it is on the disk."""
        with self._file.open("wb") as file:
            async for chunk in request.content.iter_chunked(CHUNK):
                file.write(chunk)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        return web.Response(status=204)

    async def get(self, _request: web.Request) -> web.FileResponse:
        """Send the file."""
        return web.FileResponse(self._file, chunk_size=CHUNK)


async def _main(url: str, folder: str, sizes: str) -> None:
    rows = await PostgresRows.open(url) if url else SqliteRows(Path(folder) / "floor.sqlite3")
    floor = Floor(rows, Path(folder), [int(size) for size in sizes.split(",")])
    app = web.Application(client_max_size=2**40)
    app.router.add_post("/submit", floor.submit)
    app.router.add_put("/file", floor.put)
    app.router.add_get("/file", floor.get)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    sys.stdout.write(json.dumps({"listening": f"http://{host}:{port}"}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_main(*sys.argv[1:]))
