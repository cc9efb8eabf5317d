"""The drawing of sites: north is up, nearer is nearer, names do not cover each other."""
from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from moyai_webui.presentation.site_map import LINE, Spot, site_map

SIZE = (640, 420)


def spot(name: str, latitude: float, longitude: float, weight: int = 10) -> Spot:
    return Spot(name, "10人", int(latitude * 1e6), int(longitude * 1e6), weight, "s-open")


def centres(drawing: str) -> dict[str, tuple[float, float, float]]:
    return {name: (float(x), float(y), float(r)) for x, y, r, name in re.findall(
        r'cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"><title>([^：]+)：', drawing)}


def test_north_is_up_and_east_is_right() -> None:
    found = centres(site_map([spot("北", 37.2, 136.9), spot("東", 37.0, 137.2), spot("南西", 36.9, 136.8)]))
    assert found["北"][1] < found["東"][1] < found["南西"][1] and found["南西"][0] < found["北"][0] < found["東"][0]


def test_distances_keep_their_proportion() -> None:
    """At 60° a degree of longitude is half as long as one of latitude."""
    found = centres(site_map([spot("a", 60.0, 10.0), spot("b", 60.1, 10.0), spot("c", 60.0, 10.2)]))
    down, across = found["a"][1] - found["b"][1], found["c"][0] - found["a"][0]
    assert abs(down / across - 1) < 0.01


def test_more_people_are_a_larger_circle() -> None:
    found = centres(site_map([spot("少", 37.0, 136.9, 5), spot("多", 37.1, 136.9, 500)]))
    assert found["多"][2] > found["少"][2]


@given(st.lists(st.tuples(st.floats(36, 38), st.floats(136, 138), st.integers(0, 3000)), min_size=1, max_size=60))
def test_everything_lies_within_and_no_name_upon_another(places: list[tuple[float, float, int]]) -> None:
    drawing = site_map([spot(f"第{number}避難所", *place) for number, place in enumerate(places)])
    assert all(0 <= x <= SIZE[0] and 0 <= y <= SIZE[1] for x, y, _ in centres(drawing).values())
    names = [(float(x), float(y)) for x, y in re.findall(r'<text x="([\d.]+)" y="([\d.]+)" text-anchor', drawing)]
    assert names
    assert all(abs(one[1] - other[1]) >= LINE - 0.1 or abs(one[0] - other[0]) > 14 * 4
               for rank, one in enumerate(names) for other in names[:rank])


def test_a_name_is_no_markup_and_nothing_is_an_empty_drawing() -> None:
    assert "<b>" not in site_map([spot("<b>", 37.0, 136.9)]) and site_map([]) == ""
