"""Notices and copies of before positions stand where they would stand now, so nobody loses or waits for any of them."""

from sqlalchemy import text

from unit.relay.migrating import upgrade
from zegel_protocol.positions import first_position
from zegel_relay.services.deliver import read_inbox
from zegel_relay.services.reading import read_notices
from zegel_relay.storage import database

PERSON, PARTNER = "ab" * 16, "partner:ocmw"


async def test_what_was_told_before_keeps_its_order_and_is_there(database_url):
    engine = database.open_engine(database_url)
    await upgrade(engine, "0002")
    async with engine.execution_options(zegel_writes=True).begin() as connection:
        for index in (5, 300, 7):
            d = f"{index:043}"
            await connection.execute(
                text(
                    "INSERT INTO notices (d, person, message_d, envelope, not_before, log_index) "
                    "VALUES (:d, :person, :d, :envelope, 1000, :index)"
                ),
                {"d": d, "person": PERSON, "envelope": b"{}", "index": index},
            )
            for reader in (PARTNER, f"person:{PERSON}"):
                await connection.execute(
                    text("INSERT INTO deliveries (message_d, reader, log_index) VALUES (:d, :reader, :index)"),
                    {"d": d, "reader": reader, "index": index},
                )
    await upgrade(engine, "head")
    named = [f"{index:043}" for index in (5, 7, 300)]
    async with database.open_sessions(engine)() as session:
        told = await read_notices(session, PERSON, 0)
        assert [(item.manifest, item.position) for item in told.items] == [(d, first_position(int(d))) for d in named]
        assert (await read_notices(session, PERSON, told.cursor)).items == ()
        own = await read_inbox(session, f"person:{PERSON}", 0, 2000)
        assert [item.index for item in own.items] == [first_position(int(d)) for d in named]
        partners = await read_inbox(session, PARTNER, 6, 2000)
        assert [(item.index, item.manifest) for item in partners.items] == [(7, named[1]), (300, named[2])]
        assert (partners.cursor, partners.urgent, partners.called) == (301, (), 0)
    await engine.dispose()
