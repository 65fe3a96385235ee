"""Run the migrations over the connection that the database gives."""

from alembic import context

from rag.conversations.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
