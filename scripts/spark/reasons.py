"""Reasons: why a step failed, in Spark's own words, as one line."""

from __future__ import annotations

import re

from steps import StepError

LONGEST = 400

KINDS = [
    ("Full", r"No space left on device|Disk quota exceeded|Read-only file system|Permission denied"),
    ("Memory", r"OutOfMemoryError|Java heap space|GC overhead limit|exceeding (physical |virtual )?memory limits|MemoryError"),
    (
        "BadFile",
        r"is not a Parquet file|corrupted file|CORRUPT|Could not read footer|Cannot read file|FAILED_READ_FILE|FileNotFoundException"
        r"|PATH_NOT_FOUND|ParquetDecodingException|Path does not exist",
    ),
]

# The file that was being read.
READING = re.compile(r"read(?:ing)? file:? *(\S+?)[.:]?(?=\s|$)")

# A line of a stack trace, and the names of exceptions before their messages.
FRAME = re.compile(r"^\s*(at |\.\.\. \d+ more|File \"|Traceback )")
NAMES = re.compile(r"^(?:[\w$]+\.)+[\w$]*(?:Exception|Error|Throwable): ")


def one_line(text: str) -> str:
    """The first paragraph of a text, without names of exceptions before it."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if lines and (FRAME.match(line) or line.strip() == ""):
            break
        lines.append(line.strip())
    said = " ".join(lines)
    while NAMES.match(said):
        said = NAMES.sub("", said, count=1)
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def causes(text: str) -> list[str]:
    """What a stack trace of Java says was the cause, the last one deepest; a Python worker's failure ends its own trace."""
    found = re.findall(r"^\s*Caused by: (.*(?:\n(?!\s*(?:at |\.\.\.|Caused by: )).*)*)", text, re.MULTILINE)
    worker = re.findall(r"^(?:[\w.]*(?:Error|Exception)): .*$", text.split("PythonException", 1)[-1], re.MULTILINE)
    return found + (worker[:1] if "PythonException" in text else [])


def naming_file(reason: str, text: str) -> str:
    """The reason, with the file that was being read, unless it says so."""
    file = READING.search(text)
    return reason if file is None or file[1] in reason else f"{reason} (reading {file[1]})"


def said(error: BaseException) -> str:
    """The words of whatever failed first."""
    text = str(error)
    java = getattr(error, "java_exception", None)
    if java is not None:
        deepest = causes(text)
        first = text.split("\n: ", 1)[-1]
        return naming_file(one_line(deepest[-1] if deepest else first), text)
    origin = getattr(error, "_origin", None)
    if origin is not None:
        inner = origin
        while inner.getCause() is not None:
            inner = inner.getCause()
        return naming_file(one_line(str(inner.getMessage() or inner.toString())), text)
    return one_line(text) or type(error).__name__


def failure(error: BaseException) -> dict[str, str]:
    """A failure as it is answered."""
    if isinstance(error, StepError):
        return {"kind": error.kind, "message": one_line(str(error))}
    message = said(error)
    words = f"{message} {type(error).__name__} {error}"
    kind = next((kind for kind, pattern in KINDS if re.search(pattern, words)), "Failed")
    return {"kind": kind, "message": message}
