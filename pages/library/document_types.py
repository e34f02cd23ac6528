"""Tells by its content whether a document is of the type that it says, and brings programs."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

#: The part that a document of Office Open XML (ECMA-376) has, by the end of its name.
_OFFICE_FOLDERS = {"docx": "word/", "pptx": "ppt/", "xlsx": "xl/"}
#: What a document of OpenDocument (OASIS, part 2, 3.3) says that it is.
_OPEN_DOCUMENT_TYPES = {
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
}
#: What begins a file in a ZIP archive, and so a document of an office. Programs that unpack
#: themselves begin otherwise.
_ZIP_START = b"PK\x03\x04"
#: Parts and bytes of a document, unpacked; larger ones are made to stop what opens them.
_MOST_PARTS, _MOST_UNPACKED = 20_000, 1024**3
#: Parts that are programs, or that hold what was another file, which may be one: macros (MS-OVBA,
#: 2.2.1), controls, objects of OLE (MS-OLEDS), and macros of OpenDocument (part 3, 2.2.1).
_PROGRAM_PARTS = re.compile(
    r"(^|/)(vbaproject[^/]*\.bin|vbadata\.xml|activex/.*|embeddings/oleobject[^/]*"
    r"|basic/.*|scripts/.*|macrosheets/.*|dialogsheets/.*)$",
    re.IGNORECASE,
)
_PROGRAM_SUFFIXES = {
    *(".bat", ".cmd", ".com", ".dll", ".exe", ".hta", ".jar", ".js", ".lnk", ".msi", ".ps1"),
    *(".scr", ".sh", ".vbs", ".wsf"),
}
#: What the list of a document's parts calls those with macros, whatever their names.
_MACRO_TYPES = re.compile(rb"macroenabled|vbaproject|ms-office\.activex", re.IGNORECASE)
#: A template that the program would fetch from elsewhere, with macros in it.
_REMOTE_TEMPLATE = re.compile(
    rb"<relationship\b(?=[^>]*attachedtemplate)(?=[^>]*target=.(?:https?:|\\\\|file:////))",
    re.IGNORECASE,
)
#: How much of a part is read.
_PART_SEARCHED = 1024 * 1024
#: What may stand before the mark of a PDF: a byte-order mark and blanks. The annex H.3.4.1 of ISO
#: 32000-1 lets readers bear anything there, and so a file that is a program and a PDF at once.
_PDF_START = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,64}%PDF-\d")
#: What begins no text that people read: pages and drawings that browsers run, and scripts.
_MARKUP_START = re.compile(
    r"\s*(?:<\s*(?:!doctype|html|script|svg|\?xml|\?php|%)|#!|MZ)", re.IGNORECASE
)
#: How much of a text is read: enough to tell it from anything else.
_TEXT_SEARCHED = 64 * 1024
#: Control characters that texts have.
_TEXT_CONTROLS = {"\t", "\n", "\r", "\f", "\x1a"}


#: What an archive raises that is broken, encrypted, or packed in an unknown way.
_UNREADABLE = (
    *(zipfile.BadZipFile, EOFError, KeyError, NotImplementedError, OSError, RuntimeError),
    *(ValueError, zlib.error),
)


def is_what_it_says(file: BinaryIO, extension: str) -> bool:
    """Whether the content of ``file`` is of the type that ``extension`` names.

    True for types of which nothing is known here.
    """
    check = _CHECKS.get(extension.lower())
    if check is None:
        return True
    file.seek(0)
    try:
        return check(file, extension.lower())
    finally:
        file.seek(0)


def has_programs(file: BinaryIO, extension: str) -> bool:
    """Whether a document, which is what it says, brings macros, programs or embedded objects."""
    if extension.lower() not in {*_OFFICE_FOLDERS, *_OPEN_DOCUMENT_TYPES}:
        return False
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            return any(
                _PROGRAM_PARTS.search(name)
                or PurePosixPath(name).suffix.lower() in _PROGRAM_SUFFIXES
                for name in archive.namelist()
            ) or any(_names_programs(archive))
    except _UNREADABLE:
        return True
    finally:
        file.seek(0)


def _names_programs(archive: zipfile.ZipFile) -> Iterator[bool]:
    for name in archive.namelist():
        lower = name.lower()
        searched = None
        if lower == "[content_types].xml":
            searched = _MACRO_TYPES
        elif lower.endswith("settings.xml.rels"):
            searched = _REMOTE_TEMPLATE
        if searched:
            with archive.open(name) as part:
                yield bool(searched.search(part.read(_PART_SEARCHED)))


def _is_pdf(file: BinaryIO, extension: str) -> bool:
    if not _PDF_START.match(file.read(128)):
        return False
    # An archive is found by its end, so that a file can be one and a PDF at once.
    return not zipfile.is_zipfile(file)


def _has_sound_parts(archive: zipfile.ZipFile) -> bool:
    parts = archive.infolist()
    return len(parts) <= _MOST_PARTS and sum(part.file_size for part in parts) <= _MOST_UNPACKED


def _starts_as_zip(file: BinaryIO) -> bool:
    start = file.read(len(_ZIP_START))
    file.seek(0)
    return start == _ZIP_START


def _is_office(file: BinaryIO, extension: str) -> bool:
    if not _starts_as_zip(file):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            if not _has_sound_parts(archive):
                return False
            names = archive.namelist()
    except _UNREADABLE:
        return False
    folder = _OFFICE_FOLDERS[extension]
    return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)


def _is_open_document(file: BinaryIO, extension: str) -> bool:
    if not _starts_as_zip(file):
        return False
    try:
        with zipfile.ZipFile(file) as archive, archive.open("mimetype") as mimetype:
            if not _has_sound_parts(archive):
                return False
            said = mimetype.read(100).decode("ascii", "replace").strip()
    except _UNREADABLE:
        return False
    return said == _OPEN_DOCUMENT_TYPES[extension]


def _is_text(file: BinaryIO, extension: str) -> bool:
    """Whether it is text in UTF-8, UTF-16 or a code page of one byte a letter."""
    head = file.read(_TEXT_SEARCHED)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head[: len(head) // 2 * 2].decode("utf-16", "replace")
    else:
        text = head.decode("latin-1")
    if _MARKUP_START.match(text.removeprefix("\ufeff").removeprefix("ï»¿")):
        return False
    # Those between 0x80 and 0x9F are letters and quotes in the code pages of Windows.
    return not any(letter < " " and letter not in _TEXT_CONTROLS for letter in text)


_CHECKS: dict[str, Callable[[BinaryIO, str], bool]] = {
    "pdf": _is_pdf,
    "csv": _is_text,
    "txt": _is_text,
    **dict.fromkeys(_OFFICE_FOLDERS, _is_office),
    **dict.fromkeys(_OPEN_DOCUMENT_TYPES, _is_open_document),
}
