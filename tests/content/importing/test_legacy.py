"""What was typed for TCVN3 and VNI fonts becomes Unicode; what is Unicode stays as it is."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.importing import legacy_encoding, syllables, to_unicode
from content.importing.document import Span
from content.importing.legacy import Encoding, convert, spans_to_unicode
from content.importing.syllables import is_syllable
from tests.content.importing.typists import tcvn3, typable_in_tcvn3, vni

TYPISTS = {Encoding.TCVN3: tcvn3, Encoding.VNI: vni}
WRITTEN = [
    path
    for path in (Path(__file__).parents[2] / "data/reading").rglob("*")
    if path.suffix in {".md", ".txt", ".tsv"} and path.stat().st_size
]


def every_syllable() -> list[str]:
    """Each onset with each rhyme in each tone, toned on each of its vowels: new and old placement alike."""
    made = set()
    for onset in ["", *syllables._ONSETS.split()]:
        for rhyme in syllables._RHYMES.split():
            for place, letter in enumerate(rhyme):
                if unicodedata.normalize("NFD", letter)[0] in "aeiouy":
                    made |= {onset + rhyme[: place + 1] + tone + rhyme[place + 1 :] for tone in syllables._TONES | {""}}
    return sorted(unicodedata.normalize("NFC", each) for each in made if is_syllable(each))


@pytest.mark.parametrize("case", [str.lower, str.capitalize, str.upper])
@pytest.mark.parametrize("encoding", Encoding)
def test_every_syllable_survives_the_round_trip(encoding: Encoding, case: Callable[[str], str]) -> None:
    """Each syllable typed for an old font is the same syllable again, with its tone on the same letter."""
    fits = typable_in_tcvn3 if encoding is Encoding.TCVN3 else str
    every = [fits(case(syllable)) for syllable in every_syllable()]
    assert len(every) > 30_000
    assert [word for word in every if convert(TYPISTS[encoding](word), encoding) != word] == []


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_unicode_is_never_taken_for_an_old_encoding(path: Path) -> None:
    """Real announcements and all cases of the reading stay as they are, whole and line by line."""
    text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))
    assert to_unicode(text) == (text, None)
    assert [line for line in text.splitlines() if legacy_encoding(line)] == []


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("path", [path for path in WRITTEN if path.suffix == ".txt"], ids=lambda path: path.name)
def test_real_announcements_come_back(path: Path, encoding: Encoding) -> None:
    """A whole announcement typed for an old font is detected and comes back letter by letter."""
    text = typable_in_tcvn3(path.read_text(encoding="utf-8"))
    assert to_unicode(TYPISTS[encoding](text)) == (text, encoding)


@pytest.mark.parametrize(
    "text",
    [
        "A 20 m² room, ½ a cup, 37 °C, © 2026, 10 N·m, 25 µm, £5, ¥100, §3, «no», ® and ¼ to ¾.",
        "Diện tích 20 m² và 30 m³, nhiệt độ 37 °C, ½ ca nước, © UBND xã",
        "Lực 10 N·m, chiều dày 25 µm, lực 12 N·m, chiều dày 30 µm",
        "Hoà bình, hoà giải, hoá đơn, toà án, khoá, thuý, loà xoà",
        "là bà và cà gà má tá",
        "Où est le café? Le château près de la forêt a brûlé en août, naïve façade.",
        "Für die Bürger: schöne Grüße aus Köln, die Tür ist geöffnet.",
        "El niño está aquí, mañana también; ¿qué pasó? ¡Más té!",
        "São Tomé não é ação, coração, pão e maçã",
        "Giàng A Phủ, Má A Tồng",
        "abc xyz 123",
        "",
    ],
)
def test_signs_and_other_languages_are_left_alone(text: str) -> None:
    """Signs that double as letters of old fonts, and the accents of other languages, prove nothing."""
    assert to_unicode(text) == (text, None)


@given(st.text())
def test_whatever_is_typed_comes_back_as_nfc(text: str) -> None:
    """Any text can be asked about, and text that is no old encoding changes only into NFC."""
    converted, encoding = to_unicode(text)
    assert unicodedata.is_normalized("NFC", converted) or encoding
    assert encoding or converted == "\n".join(unicodedata.normalize("NFC", line) for line in text.split("\n"))


def test_only_the_old_lines_of_a_mixed_text_are_converted() -> None:
    """In a text that is partly Unicode each line speaks for itself."""
    new = "Kính gửi: Trưởng các thôn, hoà bình"
    assert to_unicode(f"{new}\n{tcvn3('họp thôn tối thứ bảy')}\n{new}")[0] == f"{new}\nhọp thôn tối thứ bảy\n{new}"


def test_capitals_are_known_by_the_letters_around() -> None:
    """TCVN3 has no toned capitals: a line, or a word, of capitals is one throughout."""
    line = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    assert to_unicode(tcvn3(line)) == (line, Encoding.TCVN3)


def test_a_font_is_proof_enough() -> None:
    """A piece in an old font is converted however short; in a capitals font it is capitals; Unicode in it stays."""
    spans = [
        Span("x", ".VnTime"),
        Span("·", ".VnTime"),
        Span(" Thôn ", "Times New Roman"),
        Span("n¨m", "ABCDEF+.VnTimeH,Bold"),
        Span(" aù", "VNI-Times"),
        Span("\uf0b8", ".VnTime"),
        Span(" "),
        Span("Đã rõ bình", ".VnTime"),
    ]
    assert spans_to_unicode(spans)[0] == "xã Thôn NĂM áá Đã rõ bình"
