"""Signatures: whose message it is, and that it is all of it."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from signxml.signer import XMLSigner

from broadcaster.alerts import errors
from broadcaster.alerts.cap.parsing import parse
from broadcaster.alerts.cap.signing import check_certificate, signed_part
from tests.broadcaster.alerts.cap.messages import SAMPLES, alert, xml

Pair = tuple[ec.EllipticCurvePrivateKey, str]


def pair() -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PCTT")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
    )
    return key, built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


OURS, THEIRS = pair(), pair()


def signed(by: Pair = OURS, text: str = "") -> bytes:
    key, certificate = by
    root = etree.fromstring((text or xml()).encode())
    signer = XMLSigner(signature_algorithm="ecdsa-sha256", digest_algorithm="sha256")
    return bytes(etree.tostring(signer.sign(root, key=key, cert=certificate), encoding="UTF-8", xml_declaration=True))


def test_what_the_known_sender_signed_is_read() -> None:
    """The signed part is the whole message."""
    assert parse(signed_part(signed(), OURS[1])) == alert()


def test_a_message_without_a_signature_is_refused() -> None:
    """Where a certificate was entered, nothing passes without."""
    with pytest.raises(errors.NotSigned):
        signed_part(xml().encode(), OURS[1])


def test_another_sender_is_refused_although_its_certificate_comes_along() -> None:
    """Anybody can make a certificate and put it into the message."""
    with pytest.raises(errors.WronglySigned):
        signed_part(signed(THEIRS), OURS[1])


def test_one_changed_letter_is_seen() -> None:
    """What was signed is what is read."""
    changed = signed().replace("Rời khỏi bờ suối".encode(), "Ở yên bên bờ suối".encode())
    with pytest.raises(errors.WronglySigned):
        signed_part(changed, OURS[1])


def test_a_signed_message_inside_another_is_not_taken_for_it() -> None:
    """The wrapping attack: a true signature over a part, beside words that nobody signed."""
    inner = etree.fromstring(signed())
    outer = etree.fromstring(xml(identifier="gia-mao").encode())
    outer.append(inner)
    with pytest.raises((errors.WronglySigned, errors.NotSigned)):
        signed_part(etree.tostring(outer), OURS[1])
    signature = inner.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    outer.append(signature)
    with pytest.raises(errors.WronglySigned):
        signed_part(etree.tostring(outer), OURS[1])


def test_sha_1_is_not_trusted() -> None:
    """A real message of 2011, signed by an algorithm that can be forged today."""
    real = (SAMPLES / "google_cap-library__canada_signed.cap").read_bytes()
    with pytest.raises(errors.WronglySigned):
        signed_part(real, OURS[1])


def test_a_certificate_is_checked_when_it_is_entered() -> None:
    """Not when the first warning comes."""
    check_certificate(OURS[1])
    for bad in ("", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"):
        with pytest.raises(errors.BadCertificate):
            check_certificate(bad)


SIGNED = signed()


@given(st.integers(0, len(SIGNED) - 1), st.binary(max_size=3))
def test_no_damage_makes_another_message_or_another_error(at: int, noise: bytes) -> None:
    """Either it is refused by name, or it says what was signed."""
    with contextlib.suppress(errors.BadCap):
        assert parse(signed_part(SIGNED[:at] + noise + SIGNED[at + len(noise) :], OURS[1])) == alert()
