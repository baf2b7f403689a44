"""${message}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

# There is no way down: what was accepted stays accepted. Go back by restoring a backup.
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Bring the tables one step forward."""
    ${upgrades if upgrades else "pass"}
