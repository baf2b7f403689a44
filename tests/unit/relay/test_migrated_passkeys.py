"""Whoever was enrolled before there were logins is found by one: passkeys are read from the records that stand."""

from sqlalchemy import select, text

from unit.relay.migrating import upgrade
from vectors.making.huis import IDENTITY, MOTHER, PASSKEY, SECOND_PASSKEY, make_client_key
from vectors.making.ledger import d_of, envelope
from zegel_protocol.keyring import passkey_name
from zegel_relay.storage import database
from zegel_relay.storage.models import PasskeyHolder


async def test_the_passkeys_of_every_record_are_there_since_they_were_listed(database_url):
    engine = database.open_engine(database_url)
    await upgrade(engine, "0003")
    first = make_client_key()
    second = make_client_key(version=2, prev=d_of(first), passkeys=first.passkeys[:1])
    async with engine.execution_options(zegel_writes=True).begin() as connection:
        for index, payload in ((12, second), (9, first)):
            values = {"d": d_of(payload), "envelope": envelope(payload, IDENTITY), "person": MOTHER, "index": index}
            await connection.execute(
                text(
                    "INSERT INTO objects (d, kind, subject, version, envelope, log_index, accepted_at) "
                    "VALUES (:d, 'client-key', :person, :index, :envelope, :index, 1000)"
                ),
                values,
            )
    await upgrade(engine, "head")
    async with database.open_sessions(engine)() as session:
        rows = (await session.scalars(select(PasskeyHolder))).all()
    assert {(row.name, row.person, row.log_index) for row in rows} == {
        (passkey_name(passkey.credential), MOTHER, 9) for passkey in (PASSKEY, SECOND_PASSKEY)
    }
    await engine.dispose()
