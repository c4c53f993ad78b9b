"""Digits in groups that are no numbers, and what they say of the numbers beside them."""

from __future__ import annotations

import pytest

from engine.data.table_cache import read_table
from tests.engine.data.conftest import Write, rows

CODES = {
    "addresses": ["192.168.100.100", "192.168.100.101", "192.168.100.102"],
    "addresses of several nets": ["192.168.100.100", "192.168.100.101", "10.0.0.1"],
    "nets": ["192.168.100.100/24", "10.0.0.0/8", "192.168.100.101/24"],
    "addresses and ports": ["192.168.100.100:80", "192.168.100.101:443", "127.0.0.1:8080"],
    "versions": ["1.250.300", "1.250.3", "1.9.14"],
    "versions of two digits": ["10.30.300", "10.31.450", "10.42.120"],
    "times of laps": ["1.23.456", "1.24.120", "1.22.980"],
    "telephone numbers": ["+420 601 123 456", "+420 602 123 457", "+420 603 123 458"],
}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("codes", CODES.values(), ids=CODES.keys())
def test_codes_are_no_thousands(csv: Write, codes: list[str], delimiter: str) -> None:
    lines = [["a", "code", "b"], *(["1.250", code, str(i)] for i, code in enumerate(codes))]
    table = read_table(csv("\n".join(map(delimiter.join, lines))))
    assert (table.features, table.ignored) == (("a",), ("code",))
    assert rows(table)[0] == ((1250.0 if delimiter == ";" else 1.25), 0.0)


def test_half_of_the_addresses_may_be_missing(csv: Write) -> None:
    table = read_table(csv("ip,a,b\n192.168.100.100,1.250,1\n,2.500,2\n,3.125,4\n"))
    assert rows(table) == [(1.25, 1), (2.5, 2), (3.125, 4)]


@pytest.mark.parametrize("name", ["phone", "Tel.", "customer_phone", "Téléphone (mobile)"])
@pytest.mark.parametrize("number", ["601 123 456", "601.123.456", "(601) 123-456", "6011234567"])
def test_a_number_that_is_dialled_is_no_number(csv: Write, name: str, number: str) -> None:
    assert read_table(csv(f"{name};a;b\n{number};1;2\n{number};2;3\n")).features == ("a",)


@pytest.mark.parametrize("name", ["version", "Firmware", "release (app)", "ip_address"])
def test_points_between_thousands_are_a_code_under_a_name_that_says_so(
    csv: Write, name: str
) -> None:
    table = read_table(csv(f"{name};a;b\n1.250.300;1.5;2\n1.250.301;2.25;3\n"))
    assert (table.features, rows(table)) == (("a",), [(1.5, 2), (2.25, 3)])


def test_what_only_points_decide_is_said(csv: Write) -> None:
    table = read_table(csv("sum;a;b\n1.250.300;1;2\n1.250.301;2;3\n"))
    assert table.notes == ("1.250.300 is read as 1250300",)


@pytest.mark.parametrize(
    ("cells", "number"),
    [
        (["1.250.300", "950.120"], 1250300),
        (["1.000.000.000", "2.000.000.000"], 1e9),
        (["601 123 456", "602 123 456"], 601123456),
        (["+1 250 300", "-3 200"], 1250300),
        (["1.250.300"] * 40 + ["7.250.3000"], 1250300),
    ],
)
def test_thousands_stay_numbers(csv: Write, cells: list[str], number: float) -> None:
    text = "\n".join(("a;mobiles sold;b", *(f"1;{cell};2" for cell in cells[:40])))
    assert rows(read_table(csv(text)))[0] == (1, number, 2)
