"""What is refused before anybody asks what it says, and that nothing is fetched or expanded meanwhile."""

import socket
from contextlib import suppress
from datetime import UTC, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.alerts import errors
from broadcaster.alerts.cap.model import DEFAULT_LANGUAGE, Alert, Area, Circle, MsgType, Point, Status, Value
from broadcaster.alerts.cap.parsing import MAX_BYTES, parse
from tests.broadcaster.alerts.cap.messages import SENT, alert, earlier, xml

BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
AREA = "<areaDesc>Xã Cốc San</areaDesc>"


def changed(old: str, new: str, text: str | None = None) -> bytes:
    text = text or xml()
    assert text.count(old) == 1
    return text.replace(old, new).encode()


@pytest.mark.parametrize(
    "declared",
    [
        f'<!DOCTYPE alert [<!ENTITY l0 "lol">{BOMB}]>',
        '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE alert [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>',
        '<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/alert.dtd">',
        "<!DOCTYPE alert>",
    ],
    ids=["billion laughs", "file", "parameter entity", "external", "empty"],
)
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "UTF-32"])
def test_a_document_type_is_refused_in_any_encoding(declared: str, encoding: str) -> None:
    """Whatever it declares, and whether or not it is used."""
    text = changed("<alert", f"{declared}<alert").decode().replace("UTF-8", encoding)
    with pytest.raises(errors.DeclaresDocumentType):
        parse(text.encode(encoding))


@pytest.mark.parametrize(
    "declared",
    ['[<!ENTITY x SYSTEM "file:///etc/passwd">]', f'[<!ENTITY l0 "lol">{BOMB}<!ATTLIST alert x CDATA "&l9;">]'],
    ids=["file", "bomb"],
)
def test_a_document_type_hidden_in_an_odd_encoding_is_refused_too(declared: str) -> None:
    """The library's own view of the document is asked as well, and it expands nothing before."""
    hidden = changed("<alert", f"+ADwAIQ-DOCTYPE alert {declared}><alert").decode().replace("UTF-8", "UTF-7")
    with pytest.raises(errors.DeclaresDocumentType):
        parse(hidden.encode("ascii", "xmlcharrefreplace"))


def test_nothing_is_fetched(tmp_path: Path) -> None:
    """Neither schema hints, inclusions nor style sheets make the reader call anybody."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        there = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        hint = f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x {there}">'
        style = f'<?xml-stylesheet href="{there}" type="text/xsl"?><alert'
        parse(changed("<alert", style, changed('cap:1.2">', f'cap:1.2"{hint}').decode()))
        include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{there}"/>'
        with pytest.raises(errors.NotBySchema):
            parse(changed("<scope>", f"{include}<scope>"))
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (b"", errors.NotXml),
        (b"not xml", errors.NotXml),
        (xml().encode()[:-10], errors.NotXml),
        (b"\x1f\x8b" + xml().encode(), errors.NotXml),
        (xml().encode() + b" " * MAX_BYTES, errors.TooLarge),
        (b"<a>" * 5000 + b"</a>" * 5000, errors.NotXml),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', errors.NotCap),
        (b"<alert/>", errors.NotCap),
        (changed("cap:1.2", "cap:1.1"), errors.OlderCap),
        (changed("urn:oasis:names:tc:emergency:cap:1.2", "http://www.incident.com/cap/1.0"), errors.OlderCap),
        (changed("cap:1.2", "cap:1.3"), errors.OlderCap),
        (changed("<scope>Public</scope>", ""), errors.NotBySchema),
        (changed(">Actual<", "> Actual <"), errors.NotBySchema),
        (changed(">Actual<", ">actual<"), errors.NotBySchema),
        (changed(">Actual<", "><"), errors.NotBySchema),
        (changed("<scope>", "<nota/><scope>"), errors.NotBySchema),
        (changed("<sent>2026-11-22T10:00:00-00:00", "<sent>2026-11-22T10:00:00Z"), errors.NotBySchema),
        (changed("<sent>2026-11-22T10:00:00-00:00", "<sent>2026-11-22T10:00:00.5-00:00"), errors.NotBySchema),
        (changed("<sent>2026-11-22T10:00:00-00:00", "<sent>2026-11-22T10:00:00"), errors.NotBySchema),
        (changed("<sent>2026-11-22T10", "<sent>2026-11-31T10"), errors.NotBySchema),
        (changed("<sent>2026-11-22T10:00:00", "<sent>2026-11-22T24:00:00"), errors.BadTime),
        (changed("<sent>2026-11-22T10:00:00-00:00", "<sent>0001-01-01T00:00:00+14:00"), errors.BadTime),
        (changed("laocai-1", "laocai 1"), errors.BadName),
        (changed("laocai-1", "laocai-1\n"), errors.BadName),
        (changed("laocai-1", ""), errors.BadName),
        (changed("laocai-1", "x" * 301), errors.BadName),
        (changed("pctt@example.vn", "pctt,example.vn"), errors.BadName),
        (changed("pctt@example.vn", "a&amp;b"), errors.BadName),
        (changed("pctt@example.vn", "a&lt;b"), errors.BadName),
        (changed("12:00:00-00:00</expires>", "10:00:00-00:00</expires>"), errors.ExpiresBeforeSent),
        (changed("<msgType>Alert", "<msgType>Update"), errors.NoReferences),
        (changed("<msgType>Alert", "<msgType>Cancel"), errors.NoReferences),
        (changed(AREA, f"{AREA}<polygon>22,104 22,105 23,105</polygon>"), errors.BadShape),
        (changed(AREA, f"{AREA}<polygon>22,104 22,105 23,105 23,104</polygon>"), errors.BadShape),
        (changed(AREA, f"{AREA}<polygon>nan,104 22,105 23,105 nan,104</polygon>"), errors.BadShape),
        (changed(AREA, f"{AREA}<polygon>104,22 105,22 105,23 104,22</polygon>"), errors.BadShape),
        (changed(AREA, f"{AREA}<circle>22,104</circle>"), errors.BadShape),
        (changed(AREA, f"{AREA}<circle>22,104 1e9</circle>"), errors.BadShape),
        (changed(AREA, f"{AREA}<altitude>{'9' * 5000}</altitude>"), errors.BadNumber),
    ],
)
def test_the_broken_is_refused_by_name(broken: bytes, error: type[errors.BadCap]) -> None:
    """Each kind of fault has an error of its own, with a sentence that says what to do."""
    with pytest.raises(error) as refused:
        parse(broken)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    "references",
    [
        "laocai-0",
        "pctt@example.vn,laocai-0",
        "pctt@example.vn,laocai-0,yesterday",
        "pctt@example.vn,laocai-0,2026-11-22T09:00:00Z",
        "pctt@example.vn,laocai-0,2026-11-22T25:00:00-00:00",
        "pctt@example.vn,,2026-11-22T09:00:00-00:00",
        "pctt@example.vn,laocai-0,2026-11-22T09:00:00-00:00,more",
    ],
)
def test_a_reference_is_three_facts(references: str) -> None:
    """Sender, identifier and time, or the message is refused."""
    update = xml(msg_type=MsgType.UPDATE, references=(earlier(),))
    good = "pctt@example.vn,laocai-0,2026-11-22T09:00:00-00:00"
    with pytest.raises((errors.BadReference, errors.BadTime)):
        parse(changed(good, references, update))


def test_a_message_refers_to_a_bounded_number_of_others() -> None:
    """Each is asked of the database, and a database answers only so many at once."""
    many = tuple(earlier(f"laocai-{n}") for n in range(-1001, 0))
    assert len(parse(xml(msg_type=MsgType.UPDATE, references=many[1:]).encode()).references) == 1000
    with pytest.raises(errors.TooManyReferences):
        parse(xml(msg_type=MsgType.UPDATE, references=many).encode())


def test_a_message_cannot_refer_to_itself() -> None:
    """Not in another time zone's clothes either."""
    update = xml(msg_type=MsgType.UPDATE, references=(earlier(),))
    good = "pctt@example.vn,laocai-0,2026-11-22T09:00:00-00:00"
    with pytest.raises(errors.RefersToItself):
        parse(changed(good, "pctt@example.vn,laocai-1,2026-11-22T17:00:00+07:00", update))


def test_a_cancel_or_all_clear_may_expire_at_once() -> None:
    """Nothing of theirs stays in force, and senders do so."""
    at_once = changed("12:00:00-00:00</expires>", "10:00:00-00:00</expires>").decode()
    cancel = changed(
        "<scope>Public</scope>",
        "<scope>Public</scope><references>a,b,2026-11-22T09:00:00-00:00</references>",
        changed("<msgType>Alert", "<msgType>Cancel", at_once).decode(),
    )
    assert parse(cancel).msg_type is MsgType.CANCEL
    assert parse(changed("Evacuate", "AllClear", at_once)).infos[0].expires_at == SENT


def test_all_of_it_is_understood() -> None:
    """Times become UTC, shapes become numbers, and what is not said has the standard's meaning."""
    shapes = "<polygon>22,104 22,105\n +23.5,105 22,104</polygon><circle>-22.4,103.9 2.5</circle>"
    codes = "<geocode><valueName>GSO</valueName><value>02680</value></geocode><altitude>1500</altitude>"
    text = changed(AREA, AREA + shapes + codes).decode()
    text = text.replace("2026-11-22T10:00:00-00:00", "2026-11-22T17:00:00+07:00")
    parsed = parse(text.replace("<language>vi-VN</language>", "").encode())
    assert (parsed.sent_at, parsed.sent_at.tzinfo, parsed.status) == (SENT, UTC, Status.ACTUAL)
    assert parsed.infos[0].language == DEFAULT_LANGUAGE
    assert parsed.infos[0].expires_at == SENT + timedelta(hours=2)
    assert parsed.infos[0].areas == (
        Area(
            "Xã Cốc San",
            polygons=((Point(22, 104), Point(22, 105), Point(23.5, 105), Point(22, 104)),),
            circles=(Circle(Point(-22.4, 103.9), 2.5),),
            geocodes=(Value("GSO", "02680"),),
            altitude_ft=Decimal(1500),
        ),
    )


def test_comments_do_not_cut_a_text() -> None:
    """What stands before and after one is one text."""
    assert parse(changed("Lũ quét<", "Lũ <!-- ! -->quét<")) == alert()


def test_a_signature_is_neither_trusted_nor_in_the_way() -> None:
    """A signed message means what the unsigned one does."""
    signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature></alert>'
    assert parse(changed("</alert>", signature)) == alert()


@given(st.binary(max_size=300), st.integers(min_value=0))
def test_no_bytes_whatever_make_another_error(noise: bytes, at: int) -> None:
    """Anything is a message or a BadCap."""
    good = xml().encode()
    cut = at % len(good)
    for attempt in (noise, good[:cut] + noise + good[cut:], good[:cut] + noise + good[cut + len(noise) :]):
        with suppress(errors.BadCap):
            assert isinstance(parse(attempt), Alert)
