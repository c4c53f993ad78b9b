"""What a cell of a text file says: a number, with or without a unit, nothing, or something else.

People and programs write numbers in more ways than Python reads: with thousands apart, a
currency in front, a unit behind, a minus sign of typography, a loss in parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from string import ascii_lowercase
from unicodedata import category

from engine.data.ascii_text import ascii_text

MISSING_WORDS = frozenset(
    ("", "na", "n/a", "n.a.", "<na>", "#n/a", "#na", "nan", "-nan", "null", "\\n", "nil", "none",
     "missing", "-", "–", "—", "?", ".", "..", "…", ":", "*", "(null)", "(na)", "nat",
     "n/d", "n.d.", "#n/d", "no data", "not available", "unknown", "nan(ind)", "-nan(ind)",
     "#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!", "-1.#ind", "1.#qnan", "1.#ind",
     *(mark * many for mark in "*#?-" for many in range(2, 21)),
     *(f".{letter}" for letter in ascii_lowercase), *(f": {letter}" for letter in "bcdefimnpsuz"))
)  # fmt: skip
"""Cells that hold nothing, in lower case: of R, pandas, SAS, Stata, SPSS, SQL, Excel, Eurostat."""
TRUTHS = {"true": 1.0, "false": 0.0, "t": 1.0, "f": 0.0, "yes": 1.0, "no": 0.0, "y": 1.0, "n": 0.0}
"""What the cells of a column of truth values count as."""

_DIGIT = re.compile("[0-9]")
_COUNTED = 40
"""Digits of a number that nobody counted: Python reads no whole number of thousands of them."""
_BLANKS = " \t\n\r\v\f\u00a0"
"""Around a whole number, as Python reads it: it takes no separators of ASCII."""
_LONGEST = 80
"""Characters of a number with all that may stand around it."""
_DIGITS_OF_A_UNIT = 2
_NAMED = 10
"""At most so many columns are named in a message."""
_MINUS = "−–—－﹣-"  # the last one cannot mean a range in a class of a pattern
_DASHES = "–—-"
"""In place of a fraction that is nothing, or of a sum, as in `5.-` and `$ -`."""
_WRAPPED = (('="', '"'), ("'", "'"))
"""Around numbers: of Excel, to keep them as typed, and of programs that quote by apostrophes."""
_MONTH = (
    r"(?:jan(?:uar\w*|vier)?|feb(?:r\w*)?|mar(?:ch|s|zo?)?|apr(?:il\w*)?|may|jun(?:e|i\w*)?|jul(?:y|i\w*)?"
    r"|aug(?:ust\w*)?|sep(?:t\w*)?|oct(?:ob\w*)?|nov(?:em\w*)?|dec(?:em\w*)?)"
)
"""Of several languages; an octave, a decade and a marble are none."""
_CURRENCY = "$€£¥₹₽₩₺₫₪฿"
_CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RUB|TRY|BRL|MXN|ZAR|KRW|SGD"
    r"|Rs\.?|kr\.?|Fr\."
)
_OWED_NOTHING = re.compile(
    rf"\s*(?:([{_CURRENCY}]|{_CODES})\s*[{_DASHES}]|[{_DASHES}]\s*([{_CURRENCY}]|{_CODES}))\s*"
)
_SPACES = " \u00a0\u2007\u2009\u202f'’"
"""Between thousands, whatever the decimal mark."""
_OF_A_PROGRAM = re.compile(r"0\.[xXoObB][0-9A-Fa-f]+")
"""The parts of a hexadecimal, octal or binary number, taken for digits and a unit."""
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
"""Digits and signs of an exponent in typography."""
_PLAIN = str.maketrans(_RAISED, "0123456789+-", "^*(){}")
_DATE = re.compile(
    r"\s*((\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))"
    r"([T ]\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}:\d{2}(:\d{2}.*)?|\d{4}-?[QMW]\d{1,2}"
    rf"|(\d{{1,2}}[ .-])?{_MONTH}[. ,-]+(\d{{1,2}},? )?\d{{2,4}}"
    rf"|\d{{1,2}}[ -]{_MONTH})\s*",
    re.IGNORECASE,
)
_DAY_IN_DIGITS = re.compile(r"\s*(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\s*")
_MONTH_OF_YEAR = re.compile(r"\s*(0[1-9]|1[0-2])\.(18|19|20)\d\d\s*")
_STARTS_WITH_MONTH = re.compile(rf"{_MONTH}(?![a-z])", re.IGNORECASE)


@lru_cache(4)
def _pattern(decimal: str) -> re.Pattern[str]:
    other = re.escape("," if decimal == "." else ".")
    mark = re.escape(decimal)
    lakhs = r"|[1-9]\d?(?:,\d\d)+,\d{3}" if decimal == "." else ""
    signs = f"[+{_MINUS}]"
    before = rf"(?:[A-Z]{{1,3}})?[{_CURRENCY}]|{_CODES}"
    letters = r"[^\W\d_][^\W_]*[.²³]?"
    after = (
        rf"[%‰°′″'\"{_CURRENCY}]|°[A-Z]|[A-Za-z]{{2}}[{_CURRENCY}]"
        rf"|[µ°]?{letters}(?:[/·^*]{letters}|[/·^*-]?-?\d|\ {letters})?"
    )
    return re.compile(
        rf"""\s*(?P<open>\()?\s*
        (?P<sign>{signs})?\s*(?P<before>{before})?\s*(?P<within>\()?\s*(?P<inner>{signs})?
        (?P<whole>[1-9]\d{{0,2}}(?:{other}\d{{3}})+{lakhs}
            |[1-9]\d{{0,2}}(?:[{_SPACES}]\d{{3}})+|\d*)
        (?P<fraction>{mark}(?:\d+|[{_DASHES}]{{1,2}})?)?
        (?:[eEdD](?P<exponent>[+{_MINUS}]?\d+)|\ [eE](?P<far>{signs}\d+)
            |\ ?[×xX*·⋅]\ ?10(?P<power>(?:\^|\*\*)[({{]?{signs}?\d+[)}}]?|[{_RAISED}]+))?
        \s*(?P<after>{after})?(?P<behind>[{_MINUS}])?\s*(?P<close>\))?\s*""",
        re.VERBOSE,
    )


def number(text: str, decimal: str = ".") -> float | None:
    """The number that a cell holds, infinities and nan included; None where it holds none."""
    found = measured(text, decimal)
    return None if found is None or found[1] else found[0]


def measured(text: str, decimal: str = ".") -> tuple[float, str] | None:
    """The number that a cell holds, and its unit, empty without one; None where it holds none.

    Thousands may be apart by the mark that is not the decimal one, by spaces or apostrophes.
    """
    if text.isascii() and "_" not in text and (decimal == "." or "." not in text):
        try:
            return float(text.replace(",", ".") if decimal == "," else text), ""
        except ValueError:
            pass
    text = ascii_text(text)
    if len(text) > _LONGEST or not _DIGIT.search(text):
        owed = _OWED_NOTHING.fullmatch(text)
        return (0.0, owed[1] or owed[2]) if owed else None
    for start, end in _WRAPPED:
        if text.startswith(start) and text.endswith(end):
            text = text[len(start) : -len(end)]
    found = _pattern(decimal).fullmatch(text)
    return None if found is None else _value(found)


def _value(found: re.Match[str]) -> tuple[float, str] | None:
    parts = found.groupdict(default="")
    whole = "".join(c for c in parts["whole"] if c.isdigit())
    fraction = parts["fraction"][1:].strip(_DASHES)
    exponent = parts["exponent"] or parts["far"] or parts["power"].translate(_PLAIN)
    digits = f"{whole}.{fraction}"
    opened = parts["open"] + parts["within"]
    if len(digits) < 2 or not digits.isascii() or len(opened) != len(parts["close"]):
        return None
    unit = parts["before"] + parts["after"]  # `$` and `K` are not `$` and `M`
    if len(parts["fraction"]) == 1 and unit[:1].isalpha():
        return None  # numbered words: `2. Middle Atlantic`
    if _OF_A_PROGRAM.fullmatch(digits + unit) or (unit[:1] > "~" and category(unit[0]) == "No"):
        return None  # no unit: a footnote as in `5¹`, a power as in `10²`, or half of `1½`
    if sum(map(str.isdigit, unit)) > _DIGITS_OF_A_UNIT:
        return None  # a key, as in `2016A000011124`
    if " " in unit and not all(word.islower() or word.isupper() for word in unit.split()):
        return None  # a street, as in `12 Main Road`
    if _STARTS_WITH_MONTH.match(unit):
        return None
    signs = parts["sign"] + parts["inner"] + parts["behind"]
    if len(signs) + len(opened) > 1:
        return None
    if parts["behind"] and not fraction:
        return None  # an open interval, as in 1935-; accounts have decimals
    minus = "-" if opened or (signs and signs in _MINUS) else ""
    if exponent:
        exponent = "e" + exponent.translate(dict.fromkeys(map(ord, _MINUS), "-"))
    return float(f"{minus}{digits}{exponent}"), unit


def is_missing(text: str, words: Collection[str] = MISSING_WORDS) -> bool:
    """Whether a cell says that it holds nothing, by words in lower case."""
    return ascii_text(text).strip().casefold() in words


def is_count(text: str) -> bool:
    """Whether a cell is digits alone, and not more of them than somebody counts with."""
    return len(text) < _COUNTED and text.strip(_BLANKS).isdecimal()


def is_date(text: str) -> bool:
    """Whether a cell is a day, a time of day, or both."""
    return bool(_DATE.fullmatch(text))


def is_month(text: str) -> bool:
    """Whether a cell is a month and its year, as in 03.2020, that could be taken for a number."""
    return bool(_MONTH_OF_YEAR.fullmatch(text))


def is_day_in_digits(text: str) -> bool:
    """Whether a cell is a day as in 20200131, that could be taken for a number."""
    return bool(_DAY_IN_DIGITS.fullmatch(text))


def visible(text: str, limit: int = 40) -> str:
    """Text from a file, made fit for one line: cut, and nothing in it that is not printable."""
    shown = text[:limit]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else "�" for c in shown)
    return shown + "…" * (len(text) > limit)


def listed(names: Sequence[str]) -> str:
    """The names, or the first of them and how many more there are."""
    more = len(names) - _NAMED
    shown = [f'"{name}"' if "," in name else name for name in names[:_NAMED]]
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")
