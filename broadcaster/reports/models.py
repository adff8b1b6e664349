"""Tables of reports: which of them are sent by themselves."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.reports.spans import SpanKind
from content.kernel.db import Base


class ReportOrder(Base):
    """A report that is sent when its span is over; wanted, and ended.

    `channels` names by which of the channels that are for reports (uuids), None: by all of them, also later ones.
    `sent_until` is the last date of the newest span that was sent, so that none is sent twice; what was over when the
    order was made is not sent.
    """

    __tablename__ = "report_order"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    kind: Mapped[SpanKind] = mapped_column(String(16))
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    sent_until: Mapped[date]
    channels: Mapped[list[str] | None] = mapped_column(JSON)
