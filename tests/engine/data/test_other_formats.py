"""Files that are no tables of text: each called by its name, or read through what packs it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import pickle
import zlib

import pytest

from engine.data.source import TableError
from engine.data.table_cache import read_table
from tests.engine.data.conftest import Write, rows

NIST = "NIST/ITL StRD\n\n    Data    (lines 61 to 96)\nProcedure: Linear Regression\n"
BOSTON = " 0.1 18 2 0.5\n  396 4.9\n 0.2 0 7 0.4\n  390 9.1\n 0.3 1 3 0.2\n 392 4\n"

NAMED = {
    "LIBSVM": (b"1 1:0.5 3:2\n-1 2:4\n+1 1:7 2:1 # x\n", "is a LIBSVM file: x, y = sklearn."),
    "times, no pairs": (b"5 12:30\n7 13:45\n", "needs two columns of numbers"),
    "Vowpal Wabbit": (b"1 |f a:1 b:2\n2 |f a:3 b:1\n", "is a file for Vowpal Wabbit"),
    "NIST": (NIST.encode(), "NIST's reference datasets: --skip-rows 60 --target column1, since y"),
    "Matrix Market": (b"%%MatrixMarket matrix array real general\n2 2\n1\n", "in Matrix Market"),
    "two lines a row": (BOSTON.encode(), "has rows of 2 lines, with 4 and 2 numbers: cat points"),
    "and words above": (
        f"of 1978\n\n{BOSTON}".encode(),
        ": tail -n +3 points.csv | paste -d ' ' - -",
    ),
    "R's dput": (b"structure(list(a = c(4, 4), b = c(2, 1)))", "is R's own format"),
    "Stata": (b"\x72\x02\x01\0" + bytes(99), "is a Stata file: pandas makes a CSV file"),
    "an old pickle": (pickle.dumps([1, 2], 2), "is a pickle of Python"),
    "a table in lines": (
        b"[1, 2]\n[2, 4]\n",
        'is JSON: pandas makes a CSV file of it: read_json("',
    ),
    "records in lines": (
        b'{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n',
        '.csv", lines=True).to_csv("data',
    ),
    "NumPy's print": (b"[[1. 2.]\n [2. 4.]]\n", "is what Python prints: np.savetxt"),
    "a tensor": (b"tensor([[1., 2.],\n        [2., 4.]])", "is what Python prints"),
    "a page without a head": (b"<div><table></table></div>", "is a web page (HTML)"),
    "TOML": (b"[[row]]\na = 1\n[[row]]\na = 2\n", "is TOML"),
    "polars": ("shape: (2, 2)\n┌───┬───┐\n".encode(), "is what polars prints: DataFrame.write_csv"),
    "XML without a declaration": (b"<rows>\n<r x='1'/>\n</rows>", "is XML"),
    "a spreadsheet in XML": (b"<?xml version='1'?><office:document>", "is a spreadsheet in XML"),
    "LaTeX": (b"\\begin{tabular}{rr}\nx & y \\\\\n", "is LaTeX"),
    "rows of LaTeX": (
        b"\\toprule\nx & y \\\\ \\midrule\n1 & 2 \\\\[2pt]\n",
        "is LaTeX: grep '&' p",
    ),
    "records of YAML": (b"- x: 1\n  y: 2\n- x: 3\n  y: 4\n", "is YAML, or keys and values"),
    "lists of YAML": (b"---\nrows:\n  - [1, 2]\n  - [3, 4]\n", "is YAML"),
    "keys and values": (b"x: 1\ny: 2\n\nx: 3\ny: 4\n", "is YAML, or keys and values"),
    "a dump of SQL": (
        b"-- all\nCREATE TABLE t (x int);\nINSERT INTO t VALUES (1);\n",
        "is SQL: only",
    ),
    "zlib": (zlib.compress(b"x,y\n1,2\n" * 9), "is compressed by zlib"),
    "bzip2 that is damaged": (bz2.compress(b"x,y\n1,2\n" * 99)[:30] + bytes(40), "is damaged: "),
    "no text": (bytes(range(200)), "is no text: it begins with the bytes 00 01 02 03"),
    "packed too often": (
        gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"a,b\n1,2\n")))),
        "is compressed more than 3 times",
    ),
}


@pytest.mark.parametrize(("content", "message"), NAMED.values(), ids=NAMED.keys())
def test_another_format_is_called_by_its_name(csv: Write, content: bytes, message: str) -> None:
    with pytest.raises(TableError) as caught:
        read_table(csv(content))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(gzip.compress(b"a,b\n1,2\n3,4\n")),
        lzma.compress(b"a,b\n1,2\n3,4\n", lzma.FORMAT_ALONE),
        "a,b\n1,2\n3,4\n".encode("utf-32-le"),
        b"<a>,<b>\n1,2\n3,4\n",
        b"a,b\n1,2\n3,4\n\x1a",
        b"1 12:30 2\n3 13:45 4\n",
        b"Paris: 1 2\nRome: 3 4\n",
        b"step: 1 loss: 2\nstep: 3 loss: 4\n",
        b"Model: X 20\nSerial: 7\n\na,b\n1,2\n3,4\n",
    ],
    ids=[
        "gzip twice",
        "old xz",
        "UTF-32",
        "names in brackets",
        "MS-DOS",
        "times",
        "names with colons",
        "a log",
        "settings above",
    ],
)
def test_what_looks_like_another_format_is_read(csv: Write, content: bytes) -> None:
    assert rows(read_table(csv(content))) == [(1, 2), (3, 4)]
