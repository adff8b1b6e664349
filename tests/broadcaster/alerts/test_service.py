"""Raising, updating and ending alerts."""

import base64
from uuid import uuid4

import pytest
from nacl.signing import VerifyKey
from sqlalchemy import func, select

from broadcaster.alerts import phrases, queries, sounds
from broadcaster.alerts import service as alerts
from broadcaster.alerts.calls import Line, Signal
from broadcaster.alerts.errors import AlertIsOver, NothingChosen, NoVillages, TextTooLong
from broadcaster.alerts.models import Alert, AlertSound
from broadcaster.protocol import AlertScope
from content.kernel import audit
from schedules import queries as schedules
from tests.broadcaster.alerts.conftest import Hall

TEXT = "Cầu tràn ngập sâu 1,5 m. Không đi qua."


def name_of(hall: Hall, line: Line, form: str = "opus/plain") -> str:
    return str(sounds.made(hall.session, [line])[line.source, form].sha256)


def lines(hall: Hall, key: str) -> tuple[Line, ...]:
    return sounds.palette(hall.session, hall.commune).phrases[key]


def flood(hall: Hall, **changes: object) -> Alert:
    call = alerts.phrase_call(hall.session, hall.commune, "flash_flood").model_copy(update=changes)
    return alerts.raise_alert(hall.session, hall.signer, hall.commune, call, hall.by)


def test_a_prepared_phrase_is_whole_at_once(hall: Hall) -> None:
    """A phrase that is kept rendered goes out with all its sounds: the siren, and the text twice."""
    hall.ready()
    wire = hall.document(flood(hall))
    siren = name_of(hall, Line.of(Signal.SIREN))
    text = name_of(hall, lines(hall, "flash_flood")[0])
    assert [audience.media for audience in wire.audiences] == [(siren, text, text)]
    assert wire.audiences[0].villages == tuple(village.uuid for village in hall.villages)
    assert {ref.sha256 for ref in wire.objects} >= {siren, text, *wire.audiences[0].fallback}
    assert all(ref.fetch_first for ref in wire.objects)


def test_a_typed_text_is_stood_in_for_until_it_is_spoken(hall: Hall) -> None:
    """A text that nobody has spoken yet does not wait: attention is called, then comes the text."""
    hall.ready()
    call = alerts.text_call(hall.session, hall.commune, TEXT)
    alert = alerts.raise_alert(hall.session, hall.signer, hall.commune, call, hall.by)
    attention = name_of(hall, lines(hall, phrases.ATTENTION)[0])
    assert attention in hall.document(alert).audiences[0].media
    assert alerts.any_incomplete(hall.session, hall.clock.now())
    assert alerts.complete(hall.session, hall.signer, hall.clock.now()) == 0
    hall.render()
    assert alerts.complete(hall.session, hall.signer, hall.clock.now()) == 1
    spoken = name_of(hall, call.lines[0])
    assert alert.version == 2
    assert hall.document(alert).audiences[0].media.count(spoken) == 2
    assert not alerts.any_incomplete(hall.session, hall.clock.now())


def test_a_typed_text_is_read_as_an_announcer_reads(hall: Hall) -> None:
    """What is spoken is the reading, not the letters."""
    assert "một phẩy năm mét" in alerts.text_call(hall.session, hall.commune, TEXT).lines[0].reading


def test_prepared_before_the_press_it_is_whole(hall: Hall) -> None:
    """What the page asked for beforehand is there at the press: no other words stand in."""
    hall.ready()
    call = alerts.text_call(hall.session, hall.commune, TEXT)
    assert alerts.prepare(hall.session, hall.commune, call, hall.clock.now())
    hall.render()
    assert alerts.is_ready(hall.session, hall.commune, call)
    alert = alerts.raise_alert(hall.session, hall.signer, hall.commune, call, hall.by)
    assert name_of(hall, call.lines[0]) in hall.document(alert).audiences[0].media


def test_an_exercise_says_so_before_anything_else(hall: Hall) -> None:
    """Also where a phrase stands in."""
    hall.ready()
    notice = name_of(hall, lines(hall, phrases.EXERCISE)[0])
    audience = hall.document(flood(hall, scope=AlertScope.EXERCISE)).audiences[0]
    assert audience.media[0] == notice
    assert audience.fallback[0] == notice


def test_each_village_hears_its_languages(hall: Hall) -> None:
    """A recorded language sounds, in the village's order; where there is none, Vietnamese does."""
    giay = schedules.village_airings(hall.session, hall.commune)[0]
    giay.languages = ["pcc", "vi"]
    phrases.by_key(hall.session, hall.commune, "flash_flood").takes = {"pcc": "a" * 64}
    hall.ready()
    vi, pcc = lines(hall, "flash_flood")
    wire = hall.document(flood(hall))
    heard = {audience.villages: audience.media[1:] for audience in wire.audiences}
    one, two = (village.uuid for village in hall.villages)
    assert heard == {
        (one,): (name_of(hall, pcc),) * 2 + (name_of(hall, vi),) * 2,
        (two,): (name_of(hall, vi),) * 2,
    }


def test_each_village_gets_its_format(hall: Hall) -> None:
    """Players that decode another codec get other files of the same words."""
    schedules.village_airings(hall.session, hall.commune)[0].codec = "mp3"
    hall.session.flush()
    hall.ready()
    wire = hall.document(flood(hall))
    assert [audience.media[0] for audience in wire.audiences] == [
        name_of(hall, Line.of(Signal.SIREN), "mp3/plain"),
        name_of(hall, Line.of(Signal.SIREN)),
    ]


def test_the_same_press_twice_is_one_alert(hall: Hall) -> None:
    """A second press of the same button changes nothing."""
    call, uuid = alerts.phrase_call(hall.session, hall.commune, "fire"), uuid4()
    for _ in range(2):
        alerts.raise_alert(hall.session, hall.signer, hall.commune, call, hall.by, uuid=uuid)
    assert hall.session.scalar(select(func.count()).select_from(Alert)) == 1


def test_an_update_takes_the_place_of_the_one_before(hall: Hall) -> None:
    """One alert, a higher version, other words, and it stays what it was: real or practice."""
    hall.ready()
    alert = flood(hall, scope=AlertScope.EXERCISE)
    call = alerts.phrase_call(hall.session, hall.commune, "landslide")
    alerts.update_alert(hall.session, hall.signer, alert, call, hall.by)
    wire = hall.document(alert)
    assert (wire.alert_uuid, wire.version, wire.title) == (alert.uuid, 2, "Sạt lở đất")
    assert wire.scope == AlertScope.EXERCISE


def test_a_cancel_is_a_version_without_sound(hall: Hall) -> None:
    """It names the same villages, so that each of them falls silent."""
    hall.ready()
    alert = flood(hall)
    assert alerts.cancel_alert(hall.session, hall.signer, alert, hall.by) is None
    wire = hall.document(alert)
    assert (wire.cancelled, wire.version) == (True, 2)
    assert {village for audience in wire.audiences for village in audience.villages} == {
        village.uuid for village in hall.villages
    }
    assert not any(audience.media for audience in wire.audiences)


def test_all_clear_is_said_once_with_a_chime(hall: Hall) -> None:
    """After the cancel, in the same villages, without the siren; of an exercise as an exercise."""
    hall.ready()
    one = hall.villages[0].uuid
    alert = flood(hall, villages=(one,), scope=AlertScope.EXERCISE)
    clear = alerts.cancel_alert(hall.session, hall.signer, alert, hall.by, all_clear=True)
    assert clear is not None
    wire = hall.document(clear)
    assert (wire.repeats, wire.scope, wire.audiences[0].villages) == (1, AlertScope.EXERCISE, (one,))
    assert wire.audiences[0].media[1] == name_of(hall, Line.of(Signal.CHIME))


def test_what_is_over_stays_over(hall: Hall) -> None:
    """Neither an update nor a second cancel wakes an alert that was cancelled or has expired."""
    cancelled, expired = flood(hall), flood(hall, minutes=1, valid_minutes=1)
    alerts.cancel_alert(hall.session, hall.signer, cancelled, hall.by)
    hall.clock.pass_by(minutes=1)
    call = alerts.phrase_call(hall.session, hall.commune, "fire")
    for alert in (cancelled, expired):
        with pytest.raises(AlertIsOver):
            alerts.update_alert(hall.session, hall.signer, alert, call, hall.by)
        with pytest.raises(AlertIsOver):
            alerts.cancel_alert(hall.session, hall.signer, alert, hall.by)


def test_cancelled_alerts_are_not_completed(hall: Hall) -> None:
    """Words that come after the cancel are not sent after it."""
    call = alerts.text_call(hall.session, hall.commune, TEXT)
    alert = alerts.raise_alert(hall.session, hall.signer, hall.commune, call, hall.by)
    alerts.cancel_alert(hall.session, hall.signer, alert, hall.by)
    hall.render()
    assert alerts.complete(hall.session, hall.signer, hall.clock.now()) == 0


def test_signed_are_the_very_bytes(hall: Hall) -> None:
    """The signature is over the document as it travels."""
    row = queries.versions(hall.session, flood(hall))[0]
    sent = queries.signed(row)
    key = VerifyKey(base64.b64decode(hall.signer.public.key))
    key.verify(sent.document.encode(), base64.b64decode(sent.signature))
    assert sent.key_id == hall.signer.public.key_id


def test_every_step_is_audited(hall: Hall) -> None:
    """Who, what, where and why, in the chain."""
    alert = flood(hall)
    alerts.cancel_alert(hall.session, hall.signer, alert, hall.by, all_clear=True)
    entries = list(audit.stream(hall.session, [hall.commune.id], audit.Wanted(act="alert.")))
    assert [entry.act for entry in entries] == ["alert.raised", "alert.cancelled", "alert.raised"]
    assert entries[0].facts["villages"] == ["un-ta", "an-san"]
    assert {entry.actor for entry in entries} == {hall.cadre}
    assert audit.check_chain(hall.session, hall.commune.id) is None


def test_what_cannot_be_meant_is_refused(hall: Hall) -> None:
    """Nowhere, nothing, and more than anybody keeps in mind."""
    with pytest.raises(NoVillages):
        flood(hall, villages=())
    with pytest.raises(NothingChosen):
        alerts.text_call(hall.session, hall.commune, "  ")
    with pytest.raises(TextTooLong):
        alerts.text_call(hall.session, hall.commune, "a " * 400)


def test_players_learn_of_cancels_until_the_end(hall: Hall) -> None:
    """A cancelled alert is told until it would have expired: a player that was away must not start it."""
    alert = flood(hall, minutes=5, valid_minutes=30)
    alerts.cancel_alert(hall.session, hall.signer, alert, hall.by)
    assert [row.cancelled for row, _ in queries.newest_documents(hall.session, hall.clock.now())] == [True]
    hall.clock.pass_by(minutes=30)
    assert queries.newest_documents(hall.session, hall.clock.now()) == []


def test_wanting_again_asks_for_nothing_twice(hall: Hall) -> None:
    """A sound is asked for once, whoever wants it; whoever is in a hurry makes it urgent."""
    line = Line(language="vi", text="Chào", reading="Chào")
    now = hall.clock.now()
    assert sounds.want(hall.session, [line], ["opus/plain"], now)
    assert sounds.want(hall.session, [line], ["opus/plain"], now, urgent=True)
    row = hall.session.scalars(select(AlertSound)).one()
    assert row.urgent
    hall.render()
    assert not sounds.want(hall.session, [line], ["opus/plain"], now, urgent=True)
