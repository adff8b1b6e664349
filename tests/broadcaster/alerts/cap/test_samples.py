"""Real messages (tests/data/cap, see MANIFEST.tsv there), each with what is done with it."""

from datetime import UTC, datetime, timedelta

import pytest

from broadcaster.alerts import errors
from broadcaster.alerts.cap.deciding import Decision, Kind, Reason, decide
from broadcaster.alerts.cap.model import Status
from broadcaster.alerts.cap.parsing import parse
from broadcaster.alerts.cap.speaking import in_language, text_to_speak
from broadcaster.alerts.cap.writing import to_xml
from tests.broadcaster.alerts.cap.messages import SAMPLES

FIRST_WORDS = {
    "43b080713727": "Homeland Security Sets Code ORANGE",
    "australia": "Yerong Creek Structure Fire",
    "canada_signed": "snowfall warning",
    "earthquake-iso8859-1": "EQ 4.6 Usulután",  # in Latin 1
    "thunderstorm": "SEVERE THUNDERSTORM WARNING",
    "wcatwc-warning": "The tsunami Warning continues in effect for the coastal areas of Alaska",
}
IN_TIME = {
    "43b080713727": (Kind.AIR, Reason.ALERT),
    "australia": (Kind.AIR, Reason.ALERT),
    "canada": (Kind.REFUSE, Reason.NOTHING_TO_END),
    "canada_signed": (Kind.AIR, Reason.UPDATES_UNKNOWN),
    "earthquake-iso8859-1": (Kind.AIR, Reason.ALERT),
    "thunderstorm": (Kind.AIR, Reason.ALERT),
    "wcatwc-warning": (Kind.AIR, Reason.UPDATES_UNKNOWN),
}
REFUSED = {
    "KAR0-0306112239-SW": errors.OlderCap,
    "canada_errors": errors.NoReferences,
    "earthquake": errors.OlderCap,
    "earthquake_signed": errors.OlderCap,
    "invalid": errors.NotBySchema,
    "no_optional_fields": errors.OlderCap,
    "noaa_errors": errors.OlderCap,
    "weather": errors.OlderCap,
    "xee": errors.DeclaresDocumentType,
}
KNOWING_THOSE_BEFORE = {
    "canada": (Kind.CANCEL, Reason.ALL_CLEAR),
    "canada_signed": (Kind.UPDATE, Reason.UPDATES_KNOWN),
    "wcatwc-warning": (Kind.UPDATE, Reason.UPDATES_KNOWN),
}


def sample(name: str) -> bytes:
    return (SAMPLES / f"google_cap-library__{name}.cap").read_bytes()


def what(decision: Decision) -> tuple[Kind, Reason]:
    return decision.kind, decision.reason


def test_every_sample_has_an_expected_decision() -> None:
    """No file is left out."""
    names = {path.stem.removeprefix("google_cap-library__") for path in SAMPLES.glob("*.cap")}
    assert names == IN_TIME.keys() | REFUSED.keys()


@pytest.mark.parametrize(("name", "expected"), IN_TIME.items(), ids=IN_TIME)
def test_in_its_time_it_would_have_been_heard(name: str, expected: tuple[Kind, Reason]) -> None:
    """Ten minutes after it was sent, by a receiver that knows none before."""
    alert = parse(sample(name))
    decision = decide(alert, alert.sent_at + timedelta(minutes=10), known={})
    assert what(decision) == expected
    if decision.kind is Kind.AIR:
        assert text_to_speak(in_language(decision.facts.infos)[0]).startswith(FIRST_WORDS[name])


@pytest.mark.parametrize(("name", "expected"), KNOWING_THOSE_BEFORE.items(), ids=KNOWING_THOSE_BEFORE)
def test_with_those_before_known_it_ends_them(name: str, expected: tuple[Kind, Reason]) -> None:
    """By exactly the references that it gives."""
    alert = parse(sample(name))
    decision = decide(alert, alert.sent_at, known=dict.fromkeys(alert.references, Status.ACTUAL))
    assert what(decision) == expected
    assert decision.facts.ends == alert.references


@pytest.mark.parametrize("name", sorted(IN_TIME.keys() - {"canada"}))
def test_years_later_it_is_refused(name: str) -> None:
    """Old warnings found in an archive wake nobody, with or without `expires`."""
    decision = decide(parse(sample(name)), datetime(2026, 11, 22, tzinfo=UTC), known={})
    assert what(decision) == (Kind.REFUSE, Reason.EXPIRED)


@pytest.mark.parametrize(("name", "error"), REFUSED.items(), ids=REFUSED)
def test_the_unusable_is_refused_by_name(name: str, error: type[errors.BadCap]) -> None:
    """Older versions, broken ones and attacks."""
    with pytest.raises(error):
        parse(sample(name))


@pytest.mark.parametrize("name", IN_TIME)
def test_what_is_read_can_be_written(name: str) -> None:
    """Nothing that the model holds is lost or changed on the way."""
    alert = parse(sample(name))
    assert parse(to_xml(alert)) == alert
