"""The HTML part of a staff-written email, made from its text: paragraphs, lists, headings and links, nothing else."""

import re
from html import escape

_LINK = re.compile(r"https?://[^\s<>&]+(?:&amp;[^\s<>&]+)*")
_HEADING = re.compile(r"^=== (?P<words>.+) ===$")


def html_of(text: str) -> tuple[str, str]:
    """Body and footer as HTML; the footer is what stands after a line of two hyphens."""
    body, _, footer = f"\n{text.strip()}\n".partition("\n--\n")
    return _blocks(body), _blocks(footer)


def _blocks(text: str) -> str:
    return "\n".join(_block(block) for block in re.split(r"\n\s*\n", text.strip("\n")) if block.strip())


def _block(block: str) -> str:
    if heading := _HEADING.match(block.strip()):
        return f"<h2>{_words(heading['words'])}</h2>"
    groups: list[tuple[str, list[str]]] = []
    for line in block.split("\n"):
        kind = "ul" if line.startswith("- ") else "p"
        if groups and groups[-1][0] == "ul" and line.startswith("  "):
            groups[-1][1][-1] += f"<br>{_words(line.strip())}"
            continue
        if not groups or groups[-1][0] != kind:
            groups.append((kind, []))
        groups[-1][1].append(_words(line.removeprefix("- ")))
    return "".join(_points(lines) if kind == "ul" else f"<p>{'<br>'.join(lines)}</p>" for kind, lines in groups)


def _points(lines: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{words}</li>' for words in lines)}</ul>"


def _words(line: str) -> str:
    return _LINK.sub(lambda match: f'<a href="{match[0]}">{match[0]}</a>', escape(line))
