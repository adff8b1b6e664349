"""Numbers of documents, 135/QĐ-TTg: the number, its year, and who issued it (not the letters)."""

import re

from content.reading import letters
from content.reading.model import WarningKind
from content.reading.numbers import cardinal, with_leading_zero
from content.reading.scanner import Notes, Rule, after, before
from content.reading.tables import table

_TYPES = table("document_types.tsv")
_ISSUERS = table("document_issuers.tsv")
_CODE = r"[A-ZĐÂĂÔƠƯ][A-Za-zĐđÂâĂăÔôƠơƯư]*\d{0,2}"
_ISSUER_FOLLOWS = re.compile(r"(?:,?\s+ngày\s+[\d/.\-]+(?:\s+tháng\s+\d+\s+năm\s+\d+)?)?,?\s*\(?\s*của\s")
_TYPE_SAID = re.compile(
    r"\b(?:số|nghị quyết|nghị định|quyết định|thông tư|thông tư liên tịch|chỉ thị|kế hoạch|"
    r"công văn|luật|hướng dẫn|thông báo|"
    r"tờ trình|báo cáo|quy định|kết luận|pháp lệnh|công điện|giấy mời|giấy phép|đề án|văn bản|quy chế|biên bản|lệnh|"
    r"qđ|nq|nđ|tt|ct|kh|cv|tb|hd|bc|ttr|cđ|gm|kl)\W*(?:số\W*)?$",
    re.IGNORECASE,
)


def _document(found: re.Match[str], notes: Notes) -> str | None:
    codes = re.split(r"[-/&]", found["codes"])
    kinds = [_TYPES[code] for code in codes if code in _TYPES]
    named = [code for code in codes if code not in _TYPES]
    if not kinds and not any(_issuer(code) for code in named):
        return None
    spoken = (
        with_leading_zero(found["n"].rstrip("abcABC"))
        + "".join(f" {char}" for char in found["n"] if char.isalpha()).lower()
    )
    if found["y"]:
        spoken += f" năm {cardinal(int(found['y']))}"
    if kinds and not _TYPE_SAID.search(before(found)):
        spoken = f"{kinds[0]} số {spoken}"
    issuer = _issuers(found, named, notes)
    return f"{spoken} của {issuer}" if issuer and not _ISSUER_FOLLOWS.match(after(found)) else spoken


def _issuers(found: re.Match[str], codes: list[str], notes: Notes) -> str:
    """Name who issued it: the first code known, all of them where several ministries signed."""
    known = [issuer for code in codes if (issuer := _issuer(code))]
    if known:
        ministries = [issuer for issuer in known if issuer.startswith(("Bộ ", "Ban ", "Tòa", "Viện"))]
        return " và ".join(ministries) if len(ministries) > 1 else known[0]
    if codes:
        notes.warn(WarningKind.UNKNOWN_ABBREVIATION, found)
    return " ".join(letters.spell(code) for code in codes)


def _issuer(code: str) -> str | None:
    if sitting := re.fullmatch(r"(QH|UBTVQH)(\d{1,2})", code):
        return f"{_ISSUERS[sitting[1]]} khóa {cardinal(int(sitting[2]))}"
    return _ISSUERS.get(code)


def _standard(found: re.Match[str], _notes: Notes) -> str | None:
    """Read QCVN 01:2024/BYT and TCVN 5945:2010."""
    if not re.search(r"\b(?:QCVN|TCVN|QCĐP)\s*$", before(found)):
        return None
    issuer = f" của {_ISSUERS[found[3]]}" if found[3] in _ISSUERS else ""
    parts = " ".join(with_leading_zero(part) for part in found[1].split("-"))
    return f"{parts} năm {cardinal(int(found[2]))}{issuer}"


DIGIT_RULES = (
    Rule("document", re.compile(r"(\d+(?:-\d+)?):(\d{4})(?:/([A-ZĐ]+))?(?!\w)"), _standard),
    Rule(
        "document",
        re.compile(rf"(?P<n>\d{{1,5}}[a-cA-C]?)(?:/(?P<y>\d{{4}}))?[/-](?P<codes>{_CODE}(?:[-/&]{_CODE})*)(?!\w)"),
        _document,
    ),
)
