"""The languages that announcements are made in: BCP 47 codes of those spoken in Vietnam's communes.

What they are called is the pages' business. Source of the codes: ISO 639-3 (Giáy is registered with Bouyei, `pcc`).
"""

from typing import Final

VIETNAMESE: Final = "vi"
LANGUAGES: Final = (
    VIETNAMESE,
    "pcc",  # Giáy
    "hmn",  # Mông
    "ium",  # Dao
    "tyz",  # Tày
    "nut",  # Nùng
    "blt",  # Thái
    "mtq",  # Mường
    "hni",  # Hà Nhì
    "lgh",  # Xá Phó
    "lbt",  # La Chí
    "jra",  # Gia Rai
    "rad",  # Ê Đê
    "bdq",  # Ba Na
    "cjm",  # Chăm
    "km",  # Khmer
)
