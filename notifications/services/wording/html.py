"""The HTML part of an email, made from its text, so that both parts say the same.

What a line looks like decides: "Order: SO-1" is a fact, "- 3 × Lamp (LAMP-1)" an item, its details indented below it,
"- " a point, "=== … ===" a heading, "Track your order: https://…" a button; whatever stands below "--" is the footer.
"""

import re
from dataclasses import dataclass, field
from html import escape
from typing import NamedTuple

_LINK = re.compile(r"https?://[^\s<>&]+(?:&amp;[^\s<>&]+)*")
_HEADING = re.compile(r"^=== (?P<words>.+) ===$")
_FACT = re.compile(r"^(?P<label>[^\W\d][^:.!?]{1,39}:) (?P<value>.*[^\s.,:!?])$")
_ITEM = re.compile(r"^(?P<quantity>\d[\d.,]* \S+) (?P<name>.+) (?P<sku>\([^()]+\))$")
_LABELLED = re.compile(r"^(?P<label>[^:]{3,60}): (?P<address>https?://\S+)$")


class HtmlParts(NamedTuple):
    """`summary` is what a mail program shows beside the subject."""

    body: str
    footer: str
    summary: str


@dataclass(slots=True)
class _Group:
    """Lines of one kind that follow each other. Each line of a list has its details behind it."""

    kind: str
    lines: list[list[str]] = field(default_factory=list)
    heading: str = ""


def html_of(text: str, *, site_url: str) -> HtmlParts:
    """A link shows its address, unless it leads to `site_url`: a label must not hide where somebody else's leads."""
    body, _, footer = f"\n{text.strip()}\n".rpartition("\n--\n")
    body, footer = (body, footer) if body else (footer, "")
    blocks = _blocks_of(body)
    first = next((block for block in blocks if not block.endswith(",")), "")  # after the greeting
    return HtmlParts(
        body="\n".join(_block(block, site_url) for block in blocks),
        footer="\n".join(_small(block, site_url) for block in _blocks_of(footer)),
        summary=escape(first.partition("\n")[0]),
    )


def _blocks_of(text: str) -> list[str]:
    return [block.strip("\n") for block in re.split(r"\n\s*\n", text) if block.strip()]


def _block(block: str, site_url: str) -> str:
    if heading := _HEADING.match(block.strip()):
        return f"<h2>{_words(heading['words'])}</h2>"
    return "".join(_group(group, site_url) for group in _groups(block, site_url))


def _groups(block: str, site_url: str) -> list[_Group]:
    groups: list[_Group] = []
    for line in block.split("\n"):
        last = groups[-1] if groups else _Group("none")
        if last.kind == "list" and line.startswith("  "):
            last.lines[-1].append(line.strip())
            continue
        kind = _kind(line, site_url)
        if kind != last.kind or kind == "button":
            heading = ""
            if kind == "list" and last.kind == "words" and last.lines[-1][0].endswith(":"):
                heading = last.lines.pop()[0]
            groups.append(_Group(kind, heading=heading))
        groups[-1].lines.append([line.removeprefix("- ") if kind == "list" else line])
    return [group for group in groups if group.lines]


def _kind(line: str, site_url: str) -> str:
    if line.startswith("- "):
        return "list"
    if _labelled(line, site_url):
        return "button"
    return "facts" if _FACT.match(line) else "words"


def _group(group: _Group, site_url: str) -> str:
    match group.kind:
        case "list":
            return _items(group) if all(_ITEM.match(line[0]) for line in group.lines) else _points(group)
        case "button":
            label, address = _labelled(group.lines[0][0], site_url) or ("", "")
            return f'<table class="button" role="presentation"><tr><td>{_anchor(address, label)}</td></tr></table>'
        case "facts":
            return f'<table class="facts">{"".join(_fact(line[0]) for line in group.lines)}</table>'
        case _:
            return f"<p>{'<br>'.join(_words(line[0]) for line in group.lines)}</p>"


def _items(group: _Group) -> str:
    head = f'<tr><th colspan="2" scope="col">{_words(group.heading)}</th></tr>' if group.heading else ""
    return f'<table class="lines">{head}{"".join(_item(*line) for line in group.lines)}</table>'


def _item(article: str, *details: str) -> str:
    item = _ITEM.match(article)
    assert item is not None
    below = "".join(f'<br><span class="detail">{_words(detail)}</span>' for detail in details)
    name = f'{escape(item["name"])} <span class="muted">{escape(item["sku"])}</span>'
    return f'<tr><td class="number">{escape(item["quantity"])}</td><td>{name}{below}</td></tr>'


def _points(group: _Group) -> str:
    heading = f"<p>{_words(group.heading)}</p>" if group.heading else ""
    points = ["<br>".join(map(_words, line)) for line in group.lines]
    return f"{heading}<ul>{''.join(f'<li>{point}</li>' for point in points)}</ul>"


def _fact(line: str) -> str:
    fact = _FACT.match(line)
    assert fact is not None
    return f'<tr><th scope="row">{escape(fact["label"])}</th><td>{_words(fact["value"])}</td></tr>'


def _small(block: str, site_url: str) -> str:
    """Of the footer: each line a paragraph, labelled links as words."""
    lines = []
    for line in block.split("\n"):
        link = _labelled(line, site_url)
        lines.append(_anchor(link[1], link[0]) if link else _words(line))
    return "".join(f"<p>{line}</p>" for line in lines)


def _labelled(line: str, site_url: str) -> tuple[str, str] | None:
    """Label and address of a line that is a link of ours."""
    link = _LABELLED.match(line.strip())
    ours = link is not None and (link["address"] == site_url or link["address"].startswith(f"{site_url}/"))
    return (link["label"], link["address"]) if link is not None and ours else None


def _words(line: str) -> str:
    return _LINK.sub(lambda match: f'<a href="{match[0]}">{match[0]}</a>', escape(line))


def _anchor(address: str, label: str) -> str:
    return f'<a href="{escape(address)}">{escape(label)}</a>'
