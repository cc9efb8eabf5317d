"""S10: shelter lists as municipalities publish them."""
from __future__ import annotations

import csv
import io
from importlib import resources

import pytest
from hypothesis import given, strategies as st

from moyai_contracts.api import schema
from moyai_contracts.api.directory import SiteLine
from moyai_webui.sites.head_counts import read_head_counts
from moyai_webui.sites.site_list import HAZARDS, UnreadableList, read_site_list

NANAO = "172022"
DATA = resources.files("moyai_webui") / "demonstration" / "data"

STANDARD = (
    "全国地方公共団体コード,ID,名称,名称_カナ,名称_英字,所在地_全国地方公共団体コード,町字ID,所在地_連結表記,所在地_都道府県,"
    "所在地_市区町村,所在地_町字,所在地_番地以下,建物名等(方書),緯度,経度,標高,電話番号,内線番号,連絡先メールアドレス,連絡先FormURL,"
    "連絡先備考（その他、SNSなど）,郵便番号,市区町村コード,地方公共団体名,災害種別_洪水,\"災害種別_崖崩れ、土石流及び地滑り\",災害種別_高潮,"
    "災害種別_地震,災害種別_津波,災害種別_大規模な火事,災害種別_内水氾濫,災害種別_火山現象,指定避難所との重複,想定収容人数,"
    "対象となる町会・自治会,URL,画像,画像_ライセンス,備考"
).replace('"', "").split(",")
OLDER = ["都道府県コード又は市区町村コード", "NO", "都道府県名", "市区町村名", "名称", "名称_カナ", "住所", "方書", "緯度", "経度", "電話番号",
         *(f"災害種別_{name}" for name in HAZARDS), "想定収容人数"]


def as_csv(*records: list[str], encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(records)
    return out.getvalue().encode(encoding)


def row(heading: list[str], **cells: str) -> list[str]:
    return [cells.get(name, "") for name in heading]


SMALL = ["ID", "名称", "全国地方公共団体コード", "緯度", "経度", "電話番号", "災害種別_洪水", "想定収容人数"]


def small(**cells: str) -> list[str]:
    return row(SMALL, **({"ID": "A1", "名称": "山王小学校", "全国地方公共団体コード": NANAO} | cells))


def test_s10_nanaos_real_list_is_read_as_it_is() -> None:
    listed = read_site_list((DATA / "shelters.csv").read_bytes(), NANAO)
    assert len(listed.sites) == 112 and not listed.errors
    first = listed.sites[0].site
    assert (first.site_id, first.name, first.lat, first.lon) == (
        "CC0000000504", "御祓地区コミュニティセンター", 37_048_260, 136_961_360)
    assert (first.capacity_indoor, first.capacity_outdoor) == (191, 0)
    assert first.hazards == (True, True, True, True, True, False, True, False)
    by_id = {entry.site.site_id: entry for entry in listed.sites}
    assert by_id["CC0000000506"].site.capacity_outdoor == 11_700  # 「屋内2,736人屋外11,700人」 without a stroke
    newcomers = [entry for entry in listed.sites if entry.site.site_id.startswith("NEW")]
    assert [entry.notes for entry in newcomers] == [(f"全国地方公共団体コードが空のため、{NANAO}としました。",)] * 3
    assert all(entry.site.capacity_text is None and entry.site.kana is None for entry in newcomers)


def test_s10_every_row_of_the_real_list_passes_the_contracts_own_check() -> None:
    for entry in read_site_list((DATA / "shelters.csv").read_bytes(), NANAO).sites:
        assert schema.decode(SiteLine, schema.to_json(entry.site)) == entry.site


def test_s10_the_real_head_counts_match_the_list_by_id() -> None:
    counts = read_head_counts((DATA / "open_2024-01-09-1800.csv").read_bytes())
    known = {entry.site.site_id for entry in read_site_list((DATA / "shelters.csv").read_bytes(), NANAO).sites}
    assert counts.counted_at.isoformat() == "2024-01-09T18:00:00+09:00"
    assert len(counts.sites) == 29 and {site.site_id for site in counts.sites} <= known
    assert next(site.people for site in counts.sites if site.name == "山王小学校") == 180


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_s10_encodings_of_spreadsheets_read_alike(encoding: str) -> None:
    listed = read_site_list(as_csv(SMALL, small(), encoding=encoding), NANAO)
    assert [entry.site.name for entry in listed.sites] == ["山王小学校"]


def test_s10_all_39_columns() -> None:
    assert len(STANDARD) == 39
    record = row(STANDARD, 全国地方公共団体コード="172022.0", ID="ＣＣ０１", 名称="中島小学校", 緯度="３７．１", 経度="136.9",
                 連絡先メールアドレス="gakko@example.jp", 災害種別_地震="○", 所在地_都道府県="石川県", 所在地_市区町村="七尾市", 所在地_町字="中島町",
                 **{"建物名等(方書)": "体育館"})
    listed = read_site_list(as_csv(STANDARD, record), NANAO)
    entry = listed.sites[0]
    assert (entry.site.site_id, entry.site.lat, entry.mail) == ("CC01", 37_100_000, "gakko@example.jp")
    assert entry.site.address == "石川県七尾市中島町 体育館"
    assert entry.site.hazards == (False, False, False, True, False, False, False, False)
    assert "備考" in listed.ignored


def test_s10_older_variant() -> None:
    record = row(OLDER, 都道府県コード又は市区町村コード=NANAO, NO="0000000001", 名称="和倉小学校", 住所="石川県七尾市和倉町ヲ1", 方書="2階",
                 緯度="37.09", 経度="136.91", 災害種別_津波="1")
    site = read_site_list(as_csv(OLDER, record), NANAO).sites[0].site
    assert (site.site_id, site.address, site.hazards[4]) == ("0000000001", "石川県七尾市和倉町ヲ1 2階", True)


def test_s10_line_break_in_quotes_stays_one_record() -> None:
    listed = read_site_list(as_csv(SMALL, small(名称="和倉温泉運動公園\n多目的グラウンド"), small(ID="A2")), NANAO)
    assert [(entry.row, entry.site.name) for entry in listed.sites] == [(2, "和倉温泉運動公園多目的グラウンド"), (3, "山王小学校")]


@pytest.mark.parametrize(("cell", "indoor", "outdoor"), [
    ("屋内191人／屋外0人(面積の1/2)", 191, 0),
    ("屋内２，７３６人屋外１１，７００人", 2736, 11700),
    ("屋外1570人", None, 1570),
    ("500", None, None),
    ("約300人", None, None),
    ("屋内100人、屋内200人", None, None),
    ("", None, None),
])
def test_s10_capacity_is_parsed_only_where_clear_and_kept_as_text(
        cell: str, indoor: int | None, outdoor: int | None) -> None:
    site = read_site_list(as_csv(SMALL, small(想定収容人数=cell)), NANAO).sites[0].site
    assert (site.capacity_indoor, site.capacity_outdoor, site.capacity_text) == (indoor, outdoor, cell or None)


def test_s10_a_capacity_of_thousands_of_digits_is_one_bad_row() -> None:
    listed = read_site_list(as_csv(SMALL, small(想定収容人数=f"屋内{'9' * 5000}人"), small(ID="A9")), NANAO)
    assert [error.reason for error in listed.errors] == ["想定収容人数が長すぎます（100文字まで）。"]
    assert [entry.site.site_id for entry in listed.sites] == ["A9"]


@pytest.mark.parametrize(("cell", "mail", "told"), [
    ("ｇａｋｋｏ＠example.jp", "gakko@example.jp", False), ("", "", False), ("なし", "", True), ("a@b@c", "", True),
    ("a@example.jp、b@example.jp", "", True), ("学校@example.jp", "", True)])
def test_s10_what_is_no_mail_address_is_told_and_left_out(cell: str, mail: str, told: bool) -> None:
    """Kept, it would be where the mails for the site go, in place of the office, and none would arrive."""
    heading = [*SMALL, "連絡先メールアドレス"]
    entry = read_site_list(as_csv(heading, [*small(緯度="37.0", 経度="136.9"), cell]), NANAO).sites[0]
    assert (entry.mail, "連絡先メールアドレスを読めないため、空にしました。" in entry.notes) == (mail, told)


@pytest.mark.parametrize(("cell", "flag"), [("1.0", True), ("1", True), ("○", True), ("１", True), ("TRUE", True),
                                            ("", False), ("0", False), ("0.0", False), ("×", False)])
def test_s10_flags(cell: str, flag: bool) -> None:
    assert read_site_list(as_csv(SMALL, small(災害種別_洪水=cell)), NANAO).sites[0].site.hazards[0] is flag


@pytest.mark.parametrize(("cells", "reason"), [
    ({"全国地方公共団体コード": "132012"}, "ほかの自治体のコードです（132012）。"),
    ({"全国地方公共団体コード": "七尾市"}, "全国地方公共団体コードは6桁の数字で書いてください（七尾市）。"),
    ({"ID": ""}, "IDがありません。"),
    ({"ID": "山王"}, "IDは20文字までの英数字で書いてください（山王）。"),
    ({"名称": " "}, "名称がありません。"),
    ({"名称": "長" * 101}, "名称が長すぎます（100文字まで）。"),
    ({"緯度": "137.0", "経度": "36.9"}, "緯度が日本の範囲にありません（137.0）。"),
    ({"緯度": "北緯37度", "経度": "136.9"}, "緯度は、37.04826のような数字で書いてください（北緯37度）。"),
    ({"緯度": "NaN", "経度": "136.9"}, "緯度が日本の範囲にありません（NaN）。"),
    ({"緯度": "37.0"}, "緯度と経度は、両方を書くか両方を空にしてください。"),
    ({"災害種別_洪水": "たぶん"}, "災害種別_洪水は、1か空で書いてください（たぶん）。"),
])
def test_s10_a_bad_row_is_told_with_its_number_and_the_others_are_kept(cells: dict[str, str], reason: str) -> None:
    listed = read_site_list(as_csv(SMALL, small(ID="A0"), small(**cells), small(ID="A9")), NANAO)
    assert [(error.row, error.reason) for error in listed.errors] == [(3, reason)]
    assert [entry.site.site_id for entry in listed.sites] == ["A0", "A9"]


def test_s10_the_second_of_two_equal_ids_is_the_error() -> None:
    listed = read_site_list(as_csv(SMALL, small(), small(ID="ａ１".upper())), NANAO)
    assert [(error.row, error.reason) for error in listed.errors] == [(3, "2行目と同じIDです。")]


def test_s10_a_row_with_other_columns_than_the_heading_is_an_error() -> None:
    listed = read_site_list(as_csv(SMALL, small()[:-1], small(ID="A2")), NANAO)
    assert listed.errors[0].row == 2 and "列の数" in listed.errors[0].reason and len(listed.sites) == 1


def test_s10_blank_rows_are_passed_over_and_rows_keep_their_numbers() -> None:
    listed = read_site_list(as_csv(SMALL, row(SMALL), small()), NANAO)
    assert [entry.row for entry in listed.sites] == [3] and not listed.errors


@pytest.mark.parametrize(("code", "own"), [("17202", True), ("172022", True), ("172023", False), ("17203", False)])
def test_s10_a_code_without_its_check_digit_is_still_ours(code: str, own: bool) -> None:
    assert bool(read_site_list(as_csv(SMALL, small(全国地方公共団体コード=code)), NANAO).sites) is own


def test_s10_an_unreadable_telephone_number_is_left_out_and_said() -> None:
    entry = read_site_list(as_csv(SMALL, small(電話番号="市役所経由"), small(ID="A2", 電話番号="０７６７−５３ー１１１１")), NANAO).sites
    assert entry[0].site.phone is None and "電話番号を読めないため、空にしました。" in entry[0].notes
    assert entry[1].site.phone == "0767-53-1111"


@pytest.mark.parametrize(("content", "words"), [
    (b"", "何も書かれていません"),
    (b"PK\x03\x04\x00\x00", "CSVではない"),
    (b"\xff\xfe\x81", "文字コード"),
    ("名称,住所\nA,B\n".encode(), "「ID」か「NO」"),
    ("ID,名称\n".encode(), "行がありません"),
    ("ID,ID,名称\n1,2,3\n".encode(), "2つあります"),
    ('ID,名称\n1,"開いたまま\n'.encode(), "CSVとして読めません"),
])
def test_s10_what_is_no_list_is_refused_in_one_sentence(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableList, match=words):
        read_site_list(content, NANAO)


@given(st.binary(max_size=400))
def test_s10_no_bytes_bring_the_reader_down(content: bytes) -> None:
    try:
        listed = read_site_list(content, NANAO)
    except UnreadableList as error:
        assert str(error)
    else:
        assert listed.sites or listed.errors


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@given(st.lists(st.lists(CELLS, min_size=len(SMALL), max_size=len(SMALL)), min_size=1, max_size=8))
def test_s10_every_row_ends_up_good_or_bad_once_and_good_ones_fit_the_ledger(records: list[list[str]]) -> None:
    listed = read_site_list(as_csv(SMALL, small(), *records, encoding="utf-8-sig"), NANAO)
    rows = [entry.row for entry in listed.sites] + [error.row for error in listed.errors]
    assert len(rows) == len(set(rows)) and 2 in rows
    for entry in listed.sites:
        assert schema.decode(SiteLine, schema.to_json(entry.site)) == entry.site
