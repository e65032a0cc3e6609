"""Run by Alembic, on the connection and in the transaction that ``dragoman.storage.migrate`` hands over."""

from alembic import context

from dragoman.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's as well, since the transaction was begun by us
)
with context.begin_transaction():
    context.run_migrations()
