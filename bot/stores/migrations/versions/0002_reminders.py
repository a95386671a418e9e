"""reminders"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("sender_id", sa.String(length=128), nullable=False),
        sa.Column("due", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("sender_id", "due", name=op.f("pk_reminders")),
    )
    op.create_index(op.f("ix_reminders_due"), "reminders", ["due"], unique=False)
