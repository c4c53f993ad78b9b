"""What a file is by its first bytes: text, text that is compressed, or no text at all.

What is no table of text is refused by its true name, with what makes a table of it.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
from typing import BinaryIO, cast

from engine.data.encodings import encoding_of
from engine.data.source import TableError

_HEAD = 1 << 12
_BZIP2 = (b"1AY&SY", b"\x17rE8P\x90")
"""What follows in a bzip2 stream, of something or of nothing."""
_DEPTH = 3
"""So many times a file may be compressed: some unpack to themselves."""
PARQUET = b"PAR1"
"""The first bytes of a Parquet file."""

_UNZIP = "unzip -p {name} | linreg-tui train --data -"
_EXCEL = "save its sheet as CSV, with File, Save As"
_PANDAS = 'pandas makes a CSV file of it: read_{0}("{{name}}").to_csv("data.csv", index=False)'
_R = "write.csv(data, row.names = FALSE) in R makes a CSV file"
LATEX = (
    "grep '&' {name} | sed 's/\\\\\\\\.*//; s/&/,/g' | linreg-tui train --data - "
    "takes a table out of it"
)
"""What makes a table of LaTeX."""
_MAGIC = (
    (b"\xd0\xcf\x11\xe0", "an Excel workbook", _EXCEL),
    (b"PK\x05\x06", "an empty zip archive", "there is nothing in it"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "zstd -dc {name} | linreg-tui train --data -"),
    (b"\x1f\x9d", "compressed by compress", "zcat {name} | linreg-tui train --data -"),
    (b"\x04\x22\x4d\x18", "compressed by lz4", "lz4 -dc {name} | linreg-tui train --data -"),
    (b"\xff\x06\0\0sNaPpY", "compressed by snappy", "unpack it first"),
    (b"\x78\x9c", "compressed by zlib", "zlib.decompress of Python unpacks it"),
    (b"\x78\xda", "compressed by zlib", "zlib.decompress of Python unpacks it"),
    (b"\x93NUMPY", "a NumPy array", 'np.savetxt("data.csv", np.load("{name}"), delimiter=",")'),
    (b"\x89HDF", "an HDF5 file", _PANDAS.format("hdf")),
    (b"ARROW1", "a Feather file", _PANDAS.format("feather")),
    (b"FEA1", "a Feather file", _PANDAS.format("feather")),
    (b"<stata_dta>", "a Stata file", _PANDAS.format("stata")),
    (b"\x71\x02\x01\0", "a Stata file", _PANDAS.format("stata")),
    (b"\x72\x02\x01\0", "a Stata file", _PANDAS.format("stata")),
    (b"\x73\x02\x01\0", "a Stata file", _PANDAS.format("stata")),
    (b"HEADER RECORD*******LIB", "a SAS transport file", _PANDAS.format("sas")),
    (b"ASCII SPSS PORT FILE", "an SPSS portable file", "save it as CSV in SPSS"),
    (b"$FL2", "an SPSS file", _PANDAS.format("spss")),
    (b"$FL3", "an SPSS file", _PANDAS.format("spss")),
    (b"\x80\x02", "a pickle of Python", _PANDAS.format("pickle")),
    (b"\x80\x03", "a pickle of Python", _PANDAS.format("pickle")),
    (b"\x80\x04\x95", "a pickle of Python", _PANDAS.format("pickle")),
    (b"\x80\x05\x95", "a pickle of Python", _PANDAS.format("pickle")),
    (b"RDX", "R's own format", _R),
    (b"RDA3\nA\n", "R's own format", _R),
    (b"RDA2\nA\n", "R's own format", _R),
    (b"structure(list(", "R's own format", _R),
    (b"X\n\0\0", "R's own format", _R),
    (b"MATLAB 7.3 MAT", "a MATLAB file", "writematrix(data, 'data.csv') makes a CSV file"),
    (b"MATLAB 5.0 MAT", "a MATLAB file", "writematrix(data, 'data.csv') makes a CSV file"),
    (b"ORC", "an ORC file", _PANDAS.format("orc")),
    (b"Obj\x01", "an Avro file", "only text can be read"),
    (b"SQLite format 3", "an SQLite database", "export one of its tables as CSV"),
    (b"SIMPLE  =  ", "a FITS file", "astropy.table.Table.read(\"{name}\") reads it"),
    (b"CDF\x01", "a NetCDF file", "xarray.open_dataset(\"{name}\") reads it"),
    (b"CDF\x02", "a NetCDF file", "xarray.open_dataset(\"{name}\") reads it"),
    (b"\xff\xff\xff\xff", "an Arrow stream", "only text and Parquet can be read"),
    (b"{\\rtf", "a text with formats (RTF)", "only the table's text as CSV can be read"),
    (b"\\documentclass", "LaTeX", LATEX),
    (b"\\begin{", "LaTeX", LATEX),
    (b"%!PS", "PostScript", "only the table's text as CSV can be read"),
    (b"%PDF", "a PDF document", "only the table's text as CSV can be read"),
    (b"\x89PNG", "a picture", "only text can be read"),
    (b"\xff\xd8\xff", "a picture", "only text can be read"),
    (b"GIF8", "a picture", "only text can be read"),
    (b"II*\0", "a picture", "only text can be read"),
    (b"RIFF", "a sound or a picture", "only text can be read"),
    (b"\x7fELF", "a program", "only text can be read"),
    (b"version https://git-lfs", "a Git LFS pointer, not the data", "git lfs pull brings the data"),
)  # fmt: skip

_START = 400
"""Characters by which one text is told from another."""
_OFFICE = (
    (b"xl/", "an Excel workbook"),
    (b"opendocument.spreadsheet", "a LibreOffice spreadsheet"),
    (b"opendocument", "a LibreOffice document"),
    (b"word/", "a Word document"),
    (b"ppt/", "a presentation"),
)
"""What the files of an archive are called, and what it is."""
_TAG = re.compile(rb"<[a-z!?][^<]{0,300}>")
_NAMES = re.compile(rb"<[^<>\n]*>\s*[,;\t|]")
"""Names of columns may stand in such brackets, as in prices of stocks."""
_PAGE = re.compile(rb"<(!doctype html|html|head|body|div|p|script|style|meta|title|h1|center)\b")
_ARRAY = re.compile(
    rb"(array|tensor)\(\[|\[+\s*-?\d+(\.\d*)?\s+-?\d|\(-?[\d.]+, -?[\d.]+(, -?[\d.]+)*\)\s*\n"
)
_TOML = re.compile(rb"\[\[[a-z_][\w.-]*\]\][ \t]*(#.*)?\r?\n")
_POLARS = re.compile(rb"shape: \([\d_]+, [\d_]+\)\r?\n")
_REPR = re.compile(rb"\[[{(]\s*('|-?\d)")
_LIST = re.compile(rb"\[-?[\d.]+,-?[\d.]+[^\n]*\]")
"""Rows of numbers in brackets."""
_TEXT = bytes({*range(256)} - {*range(9), 14, 15, *range(16, 26), 127})
"""Bytes that a text may hold: all but control characters."""
_MOST_BINARY = 10
"""The part of bytes that hold them in what is no text, one in so many."""
_KINDS = 3
"""Different ones at least: a single one may separate columns."""
_FIRST, _ZEROS = 16, 2
"""So many zeros among the first bytes are none of a text's."""


def table_text(stream: io.BufferedIOBase, name: str, depth: int = _DEPTH) -> BinaryIO:
    """The stream of a file's text, uncompressed; raises TableError for what is no text."""
    head = cast(io.BufferedReader, stream).peek(_HEAD)[:_HEAD]
    if unpacked := _unpacked(stream, head):
        if not depth:
            raise TableError(f"{name} is compressed more than {_DEPTH} times: unpack it first")
        return table_text(unpacked, name, depth - 1)
    if refused := _refused(head):
        what, remedy = refused
        raise TableError(f"{name} is {what}: {remedy.format(name=name)}")
    return cast(BinaryIO, stream)


def _unpacked(stream: io.BufferedIOBase, head: bytes) -> io.BufferedIOBase | None:
    """The stream that a compressed one holds; None where it is not compressed."""
    if head.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=stream, mode="rb")
    if head.startswith(b"BZh") and head[4:10] in _BZIP2:
        return bz2.BZ2File(cast(BinaryIO, stream))
    if head.startswith((b"\xfd7zXZ", b"\x5d\0\0")):
        return lzma.LZMAFile(cast(BinaryIO, stream))
    return None


def _refused(head: bytes) -> tuple[str, str] | None:
    """What the file is instead of text, and what to do; None for text."""
    for magic, what, remedy in _MAGIC:
        # Letters alone may begin the name of a column, as FEA1.
        if head.startswith(magic) and (not magic.isalnum() or b"\0" in head):
            return what, remedy
    if head.startswith(b"PK\x03\x04"):
        return _archive(head)
    if head.startswith(PARQUET):
        return "a Parquet file", "its name must end in .parquet"
    if head[257:262] == b"ustar":
        return "a tar archive", "tar -xOf {name} | linreg-tui train --data -"
    if head[12:16] == b"\xc2\xea\x81\x60":
        return "a SAS table", _PANDAS.format("sas")
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:_START].lower()
    return _markup(bare) or _printed(bare) or _binary(head)


def _archive(head: bytes) -> tuple[str, str]:
    for inside, what in _OFFICE:
        if inside in head:
            return what, _EXCEL
    if b"Index/" in head and b".iwa" in head:
        return "a Numbers spreadsheet", "save it as CSV, with File, Export To"
    if head[30:].startswith((b"_rels/", b"[Content_Types].xml", b"docProps/")):
        return "an Office document", _EXCEL
    first = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    if first.endswith(b".npy"):
        array = f'np.load("{{name}}")["{first[:-4].decode(errors="replace")}"]'
        return "a NumPy archive", f'np.savetxt("data.csv", {array}, delimiter=",")'
    if first.endswith(b"/data.pkl"):
        return "a file of torch.save", 'torch.load("{name}") reads it, and np.savetxt writes CSV'
    return "a zip archive", _UNZIP


def _markup(start: bytes) -> tuple[str, str] | None:
    """What a text in a markup language is, by its first characters in lower case."""
    if not _TAG.match(start) or _NAMES.match(start):
        return None
    if b"office:document" in start or b"excel.sheet" in start:
        return "a spreadsheet in XML", _EXCEL
    if start.startswith(b"<table"):
        return "a table in HTML", _PANDAS.format("html").replace(").to", ")[0].to")
    if _PAGE.match(start) or b"<html" in start:
        return "a web page (HTML), not the data", "download the file that the page leads to"
    return "XML", _PANDAS.format("xml")


def _printed(start: bytes) -> tuple[str, str] | None:
    """What a text of nested brackets is, by its first characters in lower case."""
    if _ARRAY.match(start) or _REPR.match(start):
        return "what Python prints", "np.savetxt or csv.writer write what can be read"
    if _POLARS.match(start):
        return "what polars prints", "DataFrame.write_csv writes what can be read"
    if _TOML.match(start):
        return "TOML", "only numbers in columns can be read"
    bare = start.translate(None, b" \t\r\n")
    if b"/annex/objects/" in start:
        return "a git-annex pointer, not the data", "git annex get brings the data"
    if bare.startswith((b'{"', b"{}", b"[{", b'[["', b"[[", b'["')) or _LIST.match(bare):
        lines = b"}\n{" in start or (b"]\n[" in start and not bare.startswith(b"[["))
        return "JSON", _PANDAS.format("json").replace('")', '", lines=True)' if lines else '")', 1)
    return None


def _binary(head: bytes) -> tuple[str, str] | None:
    """That it is no text, where characters stand in it that stand in none."""
    if not head.strip(b"\0") and head:
        return "no text, but NUL bytes", "was it written to its end?"
    found = head.translate(None, _TEXT)
    few = _MOST_BINARY * len(found) < len(head) or len(set(found)) < _KINDS
    if (few and head[:_FIRST].count(0) < _ZEROS) or encoding_of(head) != "utf-8":
        return None
    return "no text", f"it begins with the bytes {head[:4].hex(' ')}"
