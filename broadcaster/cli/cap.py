"""`broadcaster cap`: what would be done with CAP messages."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from broadcaster.alerts.cap.deciding import Decision, Facts, Reason, decide
from broadcaster.alerts.cap.model import Alert, Info, Reference, Status
from broadcaster.alerts.cap.parsing import MAX_BYTES, parse
from broadcaster.alerts.cap.signing import check_certificate, signed_part
from broadcaster.alerts.cap.speaking import VIETNAMESE, in_language, is_in, text_to_speak
from broadcaster.alerts.errors import BadCap, BadTime, Unreadable
from broadcaster.cli.root import app
from content.kernel.clock import SystemClock

WHY = {
    Reason.ALERT: "It is a real alert for the public.",
    Reason.UPDATES_KNOWN: "It takes the place of an earlier alert.",
    Reason.UPDATES_UNKNOWN: "It updates alerts that are not known here, so that it is new to listeners.",
    Reason.CANCELS: "It ends an earlier alert.",
    Reason.ALL_CLEAR: "It says that the danger of an earlier alert is over.",
    Reason.PRACTICE: "It is practice and airs as a drill only, which is said first.",
    Reason.KNOWN: "It has been received before; nothing is done twice.",
    Reason.ENDED: "A later message has already replaced or ended it.",
    Reason.NOT_MEANT_TO_AIR: "Its status is Draft or System, which is never aired.",
    Reason.NOT_PUBLIC: "It is not for the public: its scope is Restricted or Private.",
    Reason.RECEIPT: "It is a receipt between systems (Ack or Error).",
    Reason.NOTHING_TO_END: "None of the alerts that it would end is known here; it is kept for when they come late.",
    Reason.NOTHING_TO_SAY: "It has no text to speak.",
    Reason.EXPIRED: "It has expired.",
}


@app.command()
def cap(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="CAP 1.2 messages, in order of receipt.")],
    now: Annotated[str | None, typer.Option(help="As if it were this time, such as 2026-11-22T17:00:00+07:00.")] = None,
    lang: Annotated[str, typer.Option(help="The language to speak.")] = VIETNAMESE,
    cert: Annotated[
        Path | None, typer.Option(help="The sender's certificate (PEM): refuse what it did not sign.")
    ] = None,
) -> None:
    """Say what would be done with each message (air, drill, update, cancel, refuse), and why. Nothing is aired."""
    at = _instant(now) if now else SystemClock().now()
    certificate = _certificate(cert) if cert else ""
    known: dict[Reference, Status] = {}
    ended: set[Reference] = set()
    for file in files:
        xml = _read(file)
        if len(files) > 1:
            typer.echo(f"{file}:")
        try:
            alert = parse(signed_part(xml, certificate) if certificate else xml)
        except BadCap as error:
            typer.echo(f"refuse: {error}")
            continue
        _print(alert, decide(alert, at, known, ended), lang)
        known[alert.name] = alert.status
        ended.update(alert.references)


def _print(alert: Alert, decision: Decision, language: str) -> None:
    facts = decision.facts
    typer.echo(f"{decision.kind}: {WHY[decision.reason]}")
    _row("message", f"{alert.status} {alert.msg_type}, {alert.scope}")
    _row("from", f"{alert.sender}, {alert.identifier}, sent {alert.sent_at.isoformat()}")
    if facts.until_at:
        _row("until", facts.until_at.isoformat())
    for name in facts.ends:
        _row("ends", f"{name.sender}, {name.identifier}")
    for name in facts.unknown:
        _row("not known", f"{name.sender}, {name.identifier}")
    _print_words(alert, facts, language)


def _print_words(alert: Alert, facts: Facts, language: str) -> None:
    for info in in_language(facts.infos, language):
        _row("language", info.language if is_in(info, language) else f"{info.language} (there is no {language})")
        _row("about", f"{info.event}; {info.urgency}, {info.severity}, {info.certainty}")
        for area in info.areas:
            _row("area", " ".join(area.description.split()))
        _row("spoken", _spoken(info, alert.status))


def _spoken(info: Info, status: Status) -> str:
    return text_to_speak(info, status).replace("\n", f"\n{'':14}")


def _row(name: str, fact: str) -> None:
    typer.echo(f"  {name:<10}  {fact}")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)  # enough to see that it is too large
    except OSError as error:
        raise Unreadable(path=path, problem=error.strerror) from None


def _certificate(path: Path) -> str:
    pem = _read(path).decode("ascii", "replace")
    check_certificate(pem)
    return pem


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadTime(value=text) from None
    if at.tzinfo is None:
        raise BadTime(value=text)
    return at.astimezone(UTC)
