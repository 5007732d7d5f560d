"""The shipped files in one piece, written as staff would write them: what a new version starts from."""

import re
from functools import cache
from pathlib import Path

from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
FOLDERS = {"en": "notifications/email", "de": "notifications/email/de"}
_INCLUDE = re.compile(r'{%\s*include "(?P<name>[^"]+)"(?: with (?P<names>[^%]*?))?\s*%}')
_EXTENDS = re.compile(r'{%\s*extends "(?P<name>[^"]+)"\s*%}')
_BLOCK = re.compile(r"{%\s*block (?P<name>\w+)\s*%}|{%\s*endblock\s*%}")


@cache
def shipped_wording(kind: str, language: str) -> tuple[str, str]:
    """Subject and body of the shipped text, without a tag that loads a file."""
    stem = f"{FOLDERS[language]}/{kind}"
    body = in_one_piece(f"{stem}.txt")
    body = re.sub(r"{%\s*(end)?autoescape[^%]*%}", "", body).replace("{{ subject }}", "").strip()
    return " ".join(_source(f"{stem}.subject.txt").split()), re.sub(r"\n{3,}", "\n\n", body) + "\n"


def in_one_piece(name: str) -> str:
    """A template's source with its parents' and its includes' in the places where they would come in."""
    source = _source(name)
    blocks: dict[str, str] = {}
    while parent := _EXTENDS.search(source):
        blocks = _blocks(source) | blocks
        source = _source(parent["name"])
    return _with_includes(_filled(source, blocks))


def _with_includes(source: str) -> str:
    def included(match: re.Match[str]) -> str:
        inner = _with_includes(_source(match["name"]))
        return f"{{% with {match['names']} %}}{inner}{{% endwith %}}" if match["names"] else inner

    return _INCLUDE.sub(included, source)


def _blocks(source: str) -> dict[str, str]:
    """Name → what stands in the block, nested ones included."""
    found: dict[str, str] = {}
    open_blocks: list[tuple[str, int]] = []
    for match in _BLOCK.finditer(source):
        if match["name"]:
            open_blocks.append((match["name"], match.end()))
        else:
            name, start = open_blocks.pop()
            found[name] = source[start : match.start()]
    return found


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


@cache
def _source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
