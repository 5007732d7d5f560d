"""The shipped files in one piece, written as staff would write them: what is sent, and what a new version starts from.

"extends" and "include" name a file of the language's folder or, where no word in it needs a translation, of the folder
above. They are resolved here, once, because the language of the texts knows no tag that loads a file.
"""

import re
from functools import cache
from pathlib import Path

from django.conf import settings

EMAILS = Path(settings.BASE_DIR) / "templates/notifications/email"
FOLDERS = {"en": (EMAILS,), "de": (EMAILS / "de", EMAILS)}
_INCLUDE = re.compile(r'{%\s*include "(?P<name>[^"]+)"\s*%}')
_EXTENDS = re.compile(r'{%\s*extends "(?P<name>[^"]+)"\s*%}')
_BLOCK = re.compile(r"{%\s*block (?P<name>\w+)\s*%}|{%\s*endblock\s*%}")


@cache
def shipped_wording(kind: str, language: str) -> tuple[str, str]:
    """Subject and body of the shipped text, without a tag that loads a file."""
    body = _in_one_piece(f"{kind}.txt", language).strip()
    return _source(f"{kind}.subject.txt", language), re.sub(r"\n{3,}", "\n\n", body) + "\n"


def _in_one_piece(name: str, language: str) -> str:
    """A text with its parents' and its includes' in the places where they would come in."""
    source = _source(name, language)
    blocks: dict[str, str] = {}
    while parent := _EXTENDS.search(source):
        blocks = _blocks(source) | blocks
        source = _source(parent["name"], language)
    return _with_includes(_filled(source, blocks), language)


def _with_includes(source: str, language: str) -> str:
    return _INCLUDE.sub(lambda match: _with_includes(_source(match["name"], language), language), source)


def _blocks(source: str) -> dict[str, str]:
    """Name → what stands in the block, nested ones included."""
    blocks: dict[str, str] = {}
    open_blocks: list[tuple[str, int]] = []
    for match in _BLOCK.finditer(source):
        if match["name"]:
            open_blocks.append((match["name"], match.end()))
        else:
            name, start = open_blocks.pop()
            blocks[name] = source[start : match.start()]
    return blocks


def _filled(source: str, blocks: dict[str, str]) -> str:
    """The parent's text with the innermost version of each block in its place."""
    while match := _BLOCK.search(source):
        name = match["name"]
        depth, end = 1, match.end()
        for inner in _BLOCK.finditer(source, match.end()):
            depth += 1 if inner["name"] else -1
            if depth == 0:
                end = inner.start()
                after = inner.end()
                break
        source = source[: match.start()] + blocks.get(name, source[match.end() : end]) + source[after:]
    return source


def _source(name: str, language: str) -> str:
    path = next(folder / name for folder in FOLDERS[language] if (folder / name).exists())
    return path.read_text(encoding="utf-8").strip("\n")
