"""The database's versions, in order; Alembic runs them, `app.store.migrate` says when."""
