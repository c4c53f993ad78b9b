"""What a file is by its first bytes: text, text that is compressed, or no text at all.

What is no table of text is refused by its true name, with what makes a table of it.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from typing import BinaryIO, cast

from engine.data.source import TableError

_HEAD = 1 << 12
PARQUET = b"PAR1"
"""The first bytes of a Parquet file."""


_UNZIP = "unzip -p {name} | linreg-tui train --data -"
_EXCEL = "save its sheet as CSV, with File, Save As"
_PANDAS = 'pandas makes a CSV file of it: read_{0}("{{name}}").to_csv("data.csv", index=False)'
_R = "write.csv(data, row.names = FALSE) in R makes a CSV file"
_MAGIC = (
    (b"\xd0\xcf\x11\xe0", "an Excel workbook", _EXCEL),
    (b"PK\x05\x06", "an empty zip archive", "there is nothing in it"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "zstd -dc {name} | linreg-tui train --data -"),
    (b"\x93NUMPY", "a NumPy array", 'np.savetxt("data.csv", np.load("{name}"), delimiter=",")'),
    (b"\x89HDF", "an HDF5 file", _PANDAS.format("hdf")),
    (b"ARROW1", "a Feather file", _PANDAS.format("feather")),
    (b"FEA1", "a Feather file", _PANDAS.format("feather")),
    (b"<stata_dta>", "a Stata file", _PANDAS.format("stata")),
    (b"$FL2", "an SPSS file", _PANDAS.format("spss")),
    (b"$FL3", "an SPSS file", _PANDAS.format("spss")),
    (b"\x80\x04\x95", "a pickle of Python", _PANDAS.format("pickle")),
    (b"\x80\x05\x95", "a pickle of Python", _PANDAS.format("pickle")),
    (b"RDX", "R's own format", _R),
    (b"X\n\0\0", "R's own format", _R),
    (b"MATLAB 5.0 MAT", "a MATLAB file", "writematrix(data, 'data.csv') makes a CSV file"),
    (b"ORC", "an ORC file", _PANDAS.format("orc")),
    (b"Obj\x01", "an Avro file", "only text can be read"),
    (b"SQLite format 3", "an SQLite database", "export one of its tables as CSV"),
    (b"%PDF", "a PDF document", "only the table's text as CSV can be read"),
    (b"\x89PNG", "a picture", "only text can be read"),
    (b"\xff\xd8\xff", "a picture", "only text can be read"),
    (b"\x7fELF", "a program", "only text can be read"),
    (b"version https://git-lfs", "a Git LFS pointer, not the data", "git lfs pull brings the data"),
)  # fmt: skip


def table_text(stream: io.BufferedIOBase, name: str) -> BinaryIO:
    """The stream of a file's text, uncompressed; raises TableError for what is no text."""
    head = cast(io.BufferedReader, stream).peek(_HEAD)[:_HEAD]
    if head.startswith(b"\x1f\x8b"):
        return table_text(gzip.GzipFile(fileobj=stream), name)
    if head.startswith(b"BZh"):
        return table_text(bz2.BZ2File(cast(BinaryIO, stream)), name)
    if head.startswith(b"\xfd7zXZ"):
        return table_text(lzma.LZMAFile(cast(BinaryIO, stream)), name)
    if refused := _refused(head):
        what, remedy = refused
        raise TableError(f"{name} is {what}: {remedy.format(name=name)}")
    return cast(BinaryIO, stream)


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
    return _markup(head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower())


def _archive(head: bytes) -> tuple[str, str]:
    if b"xl/" in head or b"[Content_Types].xml" in head:
        return "an Excel workbook", _EXCEL
    if b"opendocument.spreadsheet" in head:
        return "a LibreOffice spreadsheet", _EXCEL
    first = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    if first.endswith(b".npy"):
        array = f'np.load("{{name}}")["{first[:-4].decode(errors="replace")}"]'
        return "a NumPy archive", f'np.savetxt("data.csv", {array}, delimiter=",")'
    if first.endswith(b"/data.pkl"):
        return "a file of torch.save", 'torch.load("{name}") reads it, and np.savetxt writes CSV'
    return "a zip archive", _UNZIP


def _markup(start: bytes) -> tuple[str, str] | None:
    """What a text in another language is, by its first characters in lower case."""
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page (HTML), not the data", "download the file that the page leads to"
    if start.startswith(b"<table"):
        return "a table in HTML", _PANDAS.format("html").replace(").to", ")[0].to")
    if start.startswith((b"<?xml", b"<!")):
        return "XML", _PANDAS.format("xml")
    bare = start.translate(None, b" \t\r\n")
    if bare.startswith((b'{"', b"{}", b"[{", b'[["', b"[[", b'["')):
        lines = b"}\n{" in start
        return "JSON", _PANDAS.format("json").replace('")', '", lines=True)' if lines else '")', 1)
    return None
