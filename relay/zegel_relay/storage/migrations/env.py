"""How Alembic runs here: inside the transaction that `storage.database.migrate` opened, and never by itself."""

from alembic import context

from zegel_relay.storage.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite changes a table by copying it.
    render_as_batch=True,
    # The caller's transaction is the one: all migrations, or none.
    transactional_ddl=False,
)
context.run_migrations()
