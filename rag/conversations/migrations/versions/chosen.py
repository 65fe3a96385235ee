"""Let a conversation keep which documents may answer it."""

import sqlalchemy as sa
from alembic import op

revision = "chosen"
down_revision = "feedback"


def upgrade() -> None:
    """Add the column; all documents answer the conversations that are there."""
    op.add_column("conversations", sa.Column("chosen", sa.JSON, nullable=False, server_default="{}"))
