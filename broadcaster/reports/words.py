"""What reports say: English messages, translated when a report is made; and the commune's own heading."""

from broadcaster import i18n
from broadcaster.i18n import Tongue
from broadcaster.reports.spans import Span, SpanKind

KINDS_OF_COMMUNES = ("xã ", "phường ", "thị trấn ", "đặc khu ")
"""What a commune's name may begin with already."""


mark = i18n.mark
OUTCOMES = {
    "aired": mark("aired"),
    "stopped": mark("stopped on purpose"),
    "partial": mark("partly aired"),
    "skipped": mark("not aired"),
    "failed": mark("failed"),
    "waiting": mark("waiting"),
    "missing": mark("no report"),
    "lost": mark("lost with its loudspeaker"),
}
HEARINGS = {
    "clear": mark("heard clearly"),
    "unclear": mark("heard badly"),
    "silent": mark("not heard"),
}
"""What people at a loudspeaker say of a broadcast."""
LANGUAGES = {
    "vi": mark("Vietnamese"),
    "pcc": mark("Giáy"),
    "hmn": mark("Mông"),
    "ium": mark("Dao"),
    "tyz": mark("Tày"),
    "nut": mark("Nùng"),
    "blt": mark("Thái"),
    "mtq": mark("Mường"),
    "hni": mark("Hà Nhì"),
    "lgh": mark("Xá Phó"),
    "lbt": mark("La Chí"),
    "jra": mark("Gia Rai"),
    "rad": mark("Ê Đê"),
    "bdq": mark("Ba Na"),
    "cjm": mark("Chăm"),
    "km": mark("Khmer"),
}
"""What `content.languages` are called."""
PRIORITIES = {
    "routine": mark("routine"),
    "important": mark("important"),
    "emergency": mark("emergency"),
}
TITLES = {
    SpanKind.DAY: mark("Report of a day on air"),
    SpanKind.WEEK: mark("Report of a week on air"),
    SpanKind.MONTH: mark("Report of a month on air"),
}
SHORT = {SpanKind.DAY: mark("Day"), SpanKind.WEEK: mark("Week"), SpanKind.MONTH: mark("Month")}
LATENESS = (
    mark("up to 0.1 s"),
    mark("up to 1 s"),
    mark("up to 5 s"),
    mark("up to 1 min"),
    mark("more than 1 min"),
)
CLOCKS = {
    "trusted": mark("clock right"),
    "drifting": mark("clock drifting"),
    "untrusted": mark("clock not sure"),
}


def span_said(tongue: Tongue, span: Span) -> str:
    """`Từ 16/11/2026 đến 22/11/2026`, or the one day."""
    if span.kind is SpanKind.DAY:
        return tongue.day(span.first)
    facts = {"first": f"{span.first:%d/%m/%Y}", "last": f"{span.last:%d/%m/%Y}"}
    return tongue.say(mark("From {first} to {last}"), facts)


def commune_said(name: str) -> str:
    """`xã Cốc San`, whatever the name begins with."""
    return name if name.lower().startswith(KINDS_OF_COMMUNES) else f"xã {name}"
