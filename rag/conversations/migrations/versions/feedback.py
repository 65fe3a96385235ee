"""Make the table of what people thought of answers."""

import sqlalchemy as sa
from alembic import op

revision = "feedback"
down_revision = "first"


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "feedback",
        sa.Column("turn_id", sa.String(32), sa.ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("opinion", sa.String(16), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("span", sa.Text, nullable=False),
        sa.Column("given", sa.DateTime, nullable=False),
    )
