"""Recordings, the lexicon, templates, words to search by, voices on order and how they were understood."""

import sqlalchemy as sa
from alembic import op

from content.kernel.db import UtcDateTime
from content.kernel.folding import searchable

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lexicon_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("written", sa.String(length=120), nullable=False),
        sa.Column("spoken", sa.String(length=400), nullable=False),
        sa.Column("case_sensitive", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_lexicon_entry_node_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lexicon_entry")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lexicon_entry_uuid")),
    )
    with op.batch_alter_table("lexicon_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lexicon_entry_node_id"), ["node_id"], unique=False)

    op.create_table(
        "recording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("take_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("mime", sa.String(length=80), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("waveform", sa.JSON(), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_recording_node_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
        sa.UniqueConstraint("uuid", name=op.f("uq_recording_uuid")),
    )
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recording_node_id"), ["node_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recording_sha256"), ["sha256"], unique=False)

    op.create_table(
        "template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_template_node_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
        sa.UniqueConstraint("uuid", name=op.f("uq_template_uuid")),
    )
    with op.batch_alter_table("template", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_template_node_id"), ["node_id"], unique=False)

    op.create_table(
        "voice_order",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done_bytes", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_voice_order")),
    )
    op.create_table(
        "listening_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.Column("voice", sa.String(length=64), nullable=False),
        sa.Column("preset", sa.String(length=32), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("heard", sa.Text(), nullable=False),
        sa.Column("understood", sa.Double(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_listening_answer_node_id_node")),
        sa.ForeignKeyConstraint(["village_id"], ["node.id"], name=op.f("fk_listening_answer_village_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listening_answer")),
    )
    with op.batch_alter_table("listening_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_listening_answer_node_id"), ["node_id"], unique=False)

    # Columns are added and renamed in place: rebuilding a table would empty those that hang on it.
    op.add_column("part", sa.Column("recording", sa.Uuid(), nullable=True))
    op.add_column("village_airing", sa.Column("required", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("village_airing", sa.Column("codec", sa.String(length=16), nullable=False, server_default="opus"))
    op.add_column("village_airing", sa.Column("preset", sa.String(length=32), nullable=False, server_default="plain"))
    op.add_column("revision", sa.Column("pace", sa.String(length=16), nullable=False, server_default="calm"))
    for table in ("render_job", "rendition"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN reading_sha256 TO source_sha256")
    op.add_column("revision", sa.Column("search", sa.Text(), nullable=False, server_default=""))
    _make_searchable()


def _make_searchable() -> None:
    revision = sa.table("revision", sa.column("id"), sa.column("title"), sa.column("search"))
    part = sa.table("part", sa.column("revision_id"), sa.column("text"))
    connection = op.get_bind()
    texts: dict[int, list[str]] = {}
    for owner, text in connection.execute(sa.select(part.c.revision_id, part.c.text)):
        texts.setdefault(owner, []).append(text)
    for number, title in connection.execute(sa.select(revision.c.id, revision.c.title)).all():
        words = searchable(title, *texts.get(number, ()))
        connection.execute(sa.update(revision).where(revision.c.id == number).values(search=words))


def downgrade() -> None:
    op.drop_column("revision", "search")
    op.drop_column("revision", "pace")
    for table in ("render_job", "rendition"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN source_sha256 TO reading_sha256")
    for column in ("preset", "codec", "required"):
        op.drop_column("village_airing", column)
    op.drop_column("part", "recording")
    for table in ("listening_answer", "voice_order"):
        op.drop_table(table)
    op.drop_table("template")
    op.drop_table("recording")
    op.drop_table("lexicon_entry")
