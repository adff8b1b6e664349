"""Documents made in code: by python-docx, as LibreOffice writes them, and as small PDFs."""

import io
import zipfile
from collections.abc import Sequence

from docx.document import Document
from docx.table import _Cell

HEAD_LEFT = ["UBND THÀNH PHỐ LÀO CAI", "ỦY BAN NHÂN DÂN", "XÃ CỐC SAN", "-------"]
HEAD_RIGHT = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "---------------"]
NUMBER, PLACE = "Số: 45/TB-UBND", "Cốc San, ngày 10 tháng 11 năm 2026"
RECIPIENTS = ["Nơi nhận:", "- Đảng ủy, HĐND xã (b/c);", "- Các thôn;", "- Lưu: VT."]
SIGNATURE = ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "", "(Đã ký)", "", "Giàng A Sử"]
BODY = [
    "THÔNG BÁO",
    "Về việc tiêm chủng mở rộng tháng 12 năm 2026",
    "Căn cứ Kế hoạch số 12/KH-UBND ngày 01 tháng 11 năm 2026, Ủy ban nhân dân xã thông báo như sau:",
    "Đề nghị bà con đưa trẻ đến đúng giờ./.",
]
BODY_SPOKEN = [*BODY[:3], "Đề nghị bà con đưa trẻ đến đúng giờ."]
TITLE = "Thông báo về việc tiêm chủng mở rộng tháng 12 năm 2026"
ALL_PARTS = (
    "national motto",
    "issuing body",
    "number and symbol",
    "place and date",
    "recipients",
    "signature",
)


def saved(document: Document) -> bytes:
    """The bytes of a python-docx document."""
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def fill(cell: _Cell, lines: Sequence[str]) -> None:
    """A paragraph for each line."""
    cell.paragraphs[0].text = lines[0]
    for line in lines[1:]:
        cell.add_paragraph(line)


def zipped(members: dict[str, bytes | str]) -> bytes:
    """A zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


_ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("style", "style"),
        ("draw", "drawing"),
    )
)


def odt(body: str, automatic_styles: str = "", manifest: str = "") -> bytes:
    """An .odt with this XML in its body, and a page header that is not to be read."""
    content = (
        f"<office:document-content {_ODF}>"
        f"<office:automatic-styles>{automatic_styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    styles = (
        f"<office:document-styles {_ODF}><office:master-styles><style:master-page><style:header>"
        "<text:p>đầu trang</text:p></style:header></style:master-page></office:master-styles></office:document-styles>"
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": content,
            "styles.xml": styles,
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
        }
    )


def paragraphs(lines: Sequence[str]) -> str:
    """Each line as a paragraph of an .odt."""
    return "".join(f"<text:p>{line}</text:p>" for line in lines)


Placed = tuple[float, float, str]
"""A piece of text at so many points from the left and from the bottom of an A4 page."""


def pdf(pages: Sequence[Sequence[Placed]], font: str = "Helvetica", trailer: str = "") -> bytes:
    """A PDF in 12 points: all letters look like an a, 6 points wide, and a ToUnicode map says what they are."""
    letters = sorted({char for page in pages for _, _, text in page for char in text})
    codes = {char: number + 1 for number, char in enumerate(letters)}
    mapping = "\n".join(f"<{code:02x}> <{char.encode('utf-16-be').hex()}>" for char, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{mapping}\nendbfchar endcmap end end"
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{5 + 2 * n} 0 R' for n in range(len(pages)))}] >>",
        (
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} /FirstChar 1 /LastChar {len(codes)} "
            f"/Widths [{'500 ' * len(codes)}] /Encoding << /Differences [1{' /a' * len(codes)}] >> /ToUnicode 4 0 R >>"
        ),
        _stream(cmap),
    ]
    for number, page in enumerate(pages):
        shown = "\n".join(
            f"BT /F1 12 Tf {x} {y} Td <{''.join(f'{codes[char]:02x}' for char in text)}> Tj ET" for x, y, text in page
        )
        objects += [
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * number} 0 R "
                "/Resources << /Font << /F1 3 0 R >> >> >>"
            ),
            _stream(shown),
        ]
    return _assembled(objects, trailer)


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def _assembled(objects: Sequence[str], trailer: str) -> bytes:
    out, offsets = "%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"trailer << /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{len(out)}\n%%EOF\n"
    return (out + f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}").encode()
