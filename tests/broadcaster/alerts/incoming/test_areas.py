"""Which villages a warning is for."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.alerts.cap.model import Area, Circle, Info, Point, Value
from broadcaster.alerts.incoming.areas import REACH_KM, How, Place, coverage, reaches

UN_TA = Place(UUID(int=1), ("Ún Tà",), Point(22.44, 103.93), frozenset({"VN-UNTA"}))
LAO_1 = Place(UUID(int=2), ("Luổng Láo 1",), Point(22.50, 103.93))
LAO_2 = Place(UUID(int=3), ("Luổng Láo 2", "Làng Mới"))
HOA = Place(UUID(int=4), ("Hoà Bình",))
THREE = Place(UUID(int=5), ("Thôn 3",))
ALL = (UN_TA, LAO_1, LAO_2, HOA, THREE)
COMMUNE = Place(UUID(int=9), ("Cốc San", "Lào Cai"), None, frozenset({"02680", "province=10"}))

SQUARE = (Point(22.40, 103.90), Point(22.40, 103.96), Point(22.46, 103.96), Point(22.46, 103.90), Point(22.40, 103.90))


def info(*areas: Area) -> Info:
    return Info(("Met",), "Lũ quét", "Immediate", "Extreme", "Likely", areas=areas)


def meant(*areas: Area) -> dict[int, How]:
    return {uuid.int: how for uuid, how in coverage(info(*areas), ALL, COMMUNE).how.items()}


def unsure(*areas: Area) -> set[int]:
    return {uuid.int for uuid in coverage(info(*areas), ALL, COMMUNE).unsure}


def test_without_an_area_it_is_for_everybody() -> None:
    """Who does not say where means everywhere."""
    assert meant() == dict.fromkeys(range(1, 6), How.EVERYWHERE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thôn Ún Tà", {1}),
        ("thon un ta, xa Coc San", {1}),
        ("Un Tà", set()),
        ("UN TA", {1}),
        ("Luổng Láo 1, 2 và 4", {2, 3}),
        ("các thôn Luổng Láo 2, Ún Tà", {1, 3}),
        ("Luổng Láo", {2, 3}),
        ("Luổng Láo 12", set()),
        ("Luổng Láo 3, rồi Luổng Láo 1", {2}),
        ("Làng Mới", {3}),
        ("Hòa Bình", {4}),
        ("các thôn vùng thấp", set()),
        ("Thôn 2 và 3", {5}),
        ("Xã Cốc San", {1, 2, 3, 4, 5}),
        ("Tỉnh Lào Cai", {1, 2, 3, 4, 5}),
        ("Tỉnh Hà Giang", set()),
        ("", set()),
    ],
)
def test_names_in_words(text: str, expected: set[int]) -> None:
    """Villages are found by name, with and without marks, alone and in lists; a commune's name means all of it."""
    assert set(meant(Area(text))) == expected


def test_a_villages_name_is_narrower_than_its_communes() -> None:
    """“Ún Tà, xã Cốc San” is one village."""
    assert meant(Area("Ún Tà, xã Cốc San, tỉnh Lào Cai")) == {1: How.NAME}


def test_a_code_of_the_commune_means_all_its_villages() -> None:
    """Bare, or with the name it was entered under; another one means none."""
    assert set(meant(Area("x", geocodes=(Value("commune", "02680"),)))) == {1, 2, 3, 4, 5}
    assert set(meant(Area("x", geocodes=(Value("province", "10"),)))) == {1, 2, 3, 4, 5}
    assert meant(Area("x", geocodes=(Value("district", "10"),))) == {}
    assert meant(Area("x", geocodes=(Value("any", "VN-UNTA"),))) == {1: How.CODE}


def test_a_shape_decides_where_positions_are_known() -> None:
    """Inside is meant, outside is not, even when named; without a position a name helps, else it cannot be told."""
    area = Area("Ún Tà, Luổng Láo 1, Luổng Láo 2", polygons=(SQUARE,))
    assert meant(area) == {1: How.SHAPE, 3: How.NAME}
    assert unsure(area) == {4, 5}


def test_codes_that_nobody_entered_cannot_be_judged() -> None:
    """A commune without codes is not told that a warning is not for it."""
    bare = Place(UUID(int=9), ("Cốc San",))
    told = coverage(info(Area("khu vực 7", geocodes=(Value("x", "7"),))), (HOA,), bare)
    assert (told.how, told.unsure) == ({}, (HOA.uuid,))


def test_areas_add_up() -> None:
    """What one of them means is meant; the surest reason is told."""
    assert meant(Area("Ún Tà"), Area("x", circles=(Circle(Point(22.44, 103.93), 0.1),))) == {1: How.SHAPE}


def test_the_edge_of_a_shape_is_not_sharp() -> None:
    """A village is wider than its loudspeaker's pole."""
    east = Point(22.43, 103.96 + (REACH_KM - 0.1) / 102.8)
    assert reaches(SQUARE, east)
    assert not reaches(SQUARE, Point(22.43, 103.96 + (REACH_KM + 0.1) / 102.8))


def test_a_shape_across_the_date_line_is_whole() -> None:
    """Longitudes jump there, the ground does not."""
    corners = ((-17.0, 178.0), (-17.0, -178.0), (-15.0, -178.0), (-15.0, 178.0), (-17.0, 178.0))
    shape = tuple(Point(*corner) for corner in corners)
    assert reaches(shape, Point(-16.0, 179.9))
    assert reaches(shape, Point(-16.0, -179.9))
    assert not reaches(shape, Point(-16.0, 170.0))


LATITUDES, LONGITUDES = st.floats(8, 23.4), st.floats(102, 110)
POINTS = st.builds(Point, LATITUDES, LONGITUDES)


@given(POINTS, st.floats(0.01, 1), st.floats(-3, 3), st.floats(-3, 3))
def test_a_box_holds_what_lies_between_its_sides(corner: Point, side: float, across: float, up: float) -> None:
    """Contained exactly when both coordinates lie between."""
    south, west = corner
    box = tuple(Point(south + y * side, west + x * side) for y, x in ((0, 0), (0, 1), (1, 1), (1, 0), (0, 0)))
    inside = 0 < across < 1 and 0 < up < 1
    near_edge = min(abs(across), abs(across - 1), abs(up), abs(up - 1)) * side < 1e-6
    assert near_edge or reaches(box, Point(south + up * side, west + across * side), reach_km=0) == inside


@given(POINTS, POINTS, st.floats(0, 100))
def test_a_circle_is_the_same_both_ways(centre: Point, place: Point, radius: float) -> None:
    """Distance knows no direction."""
    assert reaches(Circle(centre, radius), place) == reaches(Circle(place, radius), centre)


@given(st.text(max_size=80))
def test_no_description_breaks_it(text: str) -> None:
    """Whatever stands there, an answer comes."""
    coverage(info(Area(text)), ALL, COMMUNE)


def test_a_village_called_like_its_commune_is_meant_as_a_village_only() -> None:
    """“Xã Cốc San” is everybody, “thôn Cốc San” is one village."""
    same = Place(UUID(int=6), ("Cốc San",))
    for text, expected in (
        ("Thôn Ún Tà, xã Cốc San", {UN_TA.uuid}),
        ("thôn Cốc San", {same.uuid}),
        ("Cốc San", {UN_TA.uuid, same.uuid}),
    ):
        assert set(coverage(info(Area(text)), (UN_TA, same), COMMUNE).how) == expected


def test_a_name_alone_excludes_nobody_until_the_province_is_entered() -> None:
    """“Tỉnh Lào Cai” must not be refused by a commune that has not said where it lies."""
    lone = Place(UUID(int=9), ("Cốc San",))
    told = coverage(info(Area("Tỉnh Lào Cai")), (UN_TA, HOA), lone)
    assert (told.how, told.unsure) == ({}, (UN_TA.uuid, HOA.uuid))
