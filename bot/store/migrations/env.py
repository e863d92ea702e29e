"""What Alembic runs: the revisions, on the connection that `Database.migrate` opened."""

from __future__ import annotations

from alembic import context

from bot.store.tables import metadata

connection = context.config.attributes["connection"]
# The caller's transaction holds the lock, so nothing is committed here.
context.configure(connection=connection, target_metadata=metadata)
context.run_migrations()
