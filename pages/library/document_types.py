"""Tells whether a document is of the type that its name says, by what is in it."""

import zipfile
from collections.abc import Callable
from typing import BinaryIO

#: The part that a document of Office Open XML (ECMA-376) has, by the end of its name.
_OFFICE_FOLDERS = {"docx": "word/", "pptx": "ppt/", "xlsx": "xl/"}
#: What a document of OpenDocument (OASIS, part 2, 3.3) says that it is.
_OPEN_DOCUMENT_TYPES = {
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
}
#: A PDF may have something before its mark (ISO 32000-1, annex H.3.4.1).
_PDF_SEARCHED = 1024
#: How much of a text is read: enough to tell it from anything else.
_TEXT_SEARCHED = 64 * 1024
#: Control characters that texts have.
_TEXT_CONTROLS = {"\t", "\n", "\r", "\f", "\x1a"}


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


def _is_pdf(file: BinaryIO, extension: str) -> bool:
    return b"%PDF-" in file.read(_PDF_SEARCHED)


def _is_office(file: BinaryIO, extension: str) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    folder = _OFFICE_FOLDERS[extension]
    return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)


def _is_open_document(file: BinaryIO, extension: str) -> bool:
    try:
        with zipfile.ZipFile(file) as archive, archive.open("mimetype") as mimetype:
            said = mimetype.read(100).decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, KeyError, NotImplementedError, OSError, RuntimeError, ValueError):
        return False
    return said == _OPEN_DOCUMENT_TYPES[extension]


def _is_text(file: BinaryIO, extension: str) -> bool:
    """Whether it is text in UTF-8, UTF-16 or a code page of one byte a letter."""
    head = file.read(_TEXT_SEARCHED)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head[: len(head) // 2 * 2].decode("utf-16", "replace")
    else:
        text = head.decode("latin-1")
    # Those between 0x80 and 0x9F are letters and quotes in the code pages of Windows.
    return not any(letter < " " and letter not in _TEXT_CONTROLS for letter in text)


_CHECKS: dict[str, Callable[[BinaryIO, str], bool]] = {
    "pdf": _is_pdf,
    "csv": _is_text,
    "txt": _is_text,
    **dict.fromkeys(_OFFICE_FOLDERS, _is_office),
    **dict.fromkeys(_OPEN_DOCUMENT_TYPES, _is_open_document),
}
