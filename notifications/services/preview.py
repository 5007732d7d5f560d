"""An email as the staff page shows it: the very HTML that was sent, its styles moved to a stylesheet.

The desk's content security policy allows no inline styles anywhere, and an email has nothing but. So each distinct
`style` attribute becomes a class and each `<style>` element part of a stylesheet with an address of its own; text,
structure and look stay what the customer got.
"""

from dataclasses import dataclass
from hashlib import md5
from html import escape
from html.parser import HTMLParser

from notifications.models import Message
from notifications.services.rendering import Rendered, render_message, spoken_language
from notifications.services.wording.versions import Wordings


@dataclass(frozen=True, slots=True)
class Preview:
    html: str
    css: str


def words_of(message: Message) -> Rendered:
    """How the message reads, or would read if it was rendered now, without its private links.

    Whoever has a customer's link decides as the customer: staff have pages of their own for that. Raises what a broken
    template or payload raises.
    """
    if message.rendered_at:
        words = Rendered(message.subject, message.text, message.html)
    else:
        words = render_message(message, Wordings().of(message.kind, spoken_language(message.language)))
    return words.without_links()


def move_styles(html: str, *, stylesheet: str) -> Preview:
    """`html` with a link to `stylesheet` in place of its styles, and what that stylesheet has to say."""
    mover = _StyleMover(stylesheet)
    mover.feed(html)
    mover.close()
    rules = [f".{name}{{{style}}}" for style, name in mover.classes.items()]
    return Preview("".join(mover.html), "\n".join([*rules, *mover.sheets]))


class _StyleMover(HTMLParser):
    def __init__(self, stylesheet: str) -> None:
        super().__init__(convert_charrefs=False)
        self.html: list[str] = []
        self.sheets: list[str] = []
        self.classes: dict[str, str] = {}
        self._stylesheet = stylesheet
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        if self._in_style:
            return
        values = {name: value or "" for name, value in attrs}
        if style := values.pop("style", ""):
            name = self.classes.setdefault(
                style, f"inlined-{md5(style.encode(), usedforsecurity=False).hexdigest()[:10]}"
            )
            values["class"] = f"{values.get('class', '')} {name}".strip()
        written = "".join(f' {name}="{escape(value)}"' for name, value in values.items())
        self.html.append(f"<{tag}{written}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._in_style = False
            return
        if tag == "head":
            self.html.append('<link rel="icon" href="data:,">')  # else the browser asks for /favicon.ico
            self.html.append(f'<link rel="stylesheet" href="{escape(self._stylesheet)}">')
        self.html.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        (self.sheets if self._in_style else self.html).append(data)

    def handle_entityref(self, name: str) -> None:
        self.html.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.html.append(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.html.append(f"<!{decl}>")
