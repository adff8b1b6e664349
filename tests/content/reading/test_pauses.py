"""What an assembler makes pauses of: exact punctuation and line breaks of the spoken text."""

import pytest

from content.reading import read


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("chị Mai (SN 1990) ở thôn", "chị Mai, sinh năm một nghìn chín trăm chín mươi, ở thôn"),
        ("họp thôn (nhà ông Páo).", "họp thôn, nhà ông Páo."),
        ("(Có ăn trưa)", "Có ăn trưa"),
        ("“Toàn dân đoàn kết”, mời bà con", "Toàn dân đoàn kết, mời bà con"),
        ("Lào Cai – Sa Pa", "Lào Cai, Sa Pa"),
        ("TP. Lào Cai. Mời bà con", "thành phố Lào Cai. Mời bà con"),
        ("họp tại UBND. Mời bà con", "họp tại Ủy ban nhân dân. Mời bà con"),
        ("trâu, bò, v.v. Mời bà con", "trâu, bò, vân vân. Mời bà con"),
        ("trâu, bò v.v. của xã", "trâu, bò vân vân của xã"),
        ("+ Lúa: 12ha\n+ Ngô: 8ha", "Lúa: mười hai héc ta\nNgô: tám héc ta"),
        ("1. Thời gian\n2. Địa điểm", "một, Thời gian\nhai, Địa điểm"),
        ("a) Lúa\nb) Ngô", "a, Lúa\nbê, Ngô"),
        ("I. KẾT QUẢ\r\n\r\nTốt", "một, kết quả\n\nTốt"),
        ("Kính mời!\n\nTrân trọng…", "Kính mời!\n\nTrân trọng…"),
    ],
)
def test_pauses_stand_where_an_announcer_makes_them(written, spoken):
    """Brackets and dashes become commas, abbreviations end no sentence, lists and paragraphs keep their lines."""
    assert read(written).spoken == spoken
