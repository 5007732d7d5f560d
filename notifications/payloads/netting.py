"""Several emails about one order that leave as one: of each line the net of what they say.

Nobody wants to read that a date moved to and fro while an email waited for the morning. What was shipped or cancelled
is said as it is. What was set aside, lost and promised is held against the last email that left: units that came and
went are not mentioned, and a date only where it differs from the one that the customer heard.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any

from notifications.payloads.orders import BackorderOpened, DateChanged, GoodsAllocated, MailLine, OrderMail

STATES = (BackorderOpened, DateChanged, GoodsAllocated)
LineKey = tuple[int, str]


def net_news(mails: Iterable[OrderMail]) -> list[OrderMail]:
    """The emails to tell in place of these, order by order; an order whose news even out has none."""
    by_order: dict[str, list[OrderMail]] = defaultdict(list)
    for mail in mails:
        by_order[mail.order_number].append(mail)
    return [mail for of_order in by_order.values() for mail in _net_of_order(of_order)]


def _net_of_order(mails: Sequence[OrderMail]) -> list[OrderMail]:
    states = [mail for mail in mails if isinstance(mail, STATES)]
    if len(states) < 2:
        return list(mails)
    newest = mails[-1]
    gained = _units_gained(states)
    heard = _dates_heard(states)
    lost = {key: -units for key, units in gained.items() if units < 0}
    won = {key: units for key, units in gained.items() if units > 0}
    moved = {
        _key(line): line.waiting
        for line in newest.lines
        if _key(line) in heard.keys() - lost.keys() and line.waiting and heard[_key(line)] != line.promised_on
    }
    news = [
        _mail(kind, newest, units, heard)
        for kind, units in ((BackorderOpened, lost), (GoodsAllocated, won), (DateChanged, moved))
        if units
    ]
    return [*news, *(mail for mail in mails if not isinstance(mail, STATES))]


def _units_gained(mails: Iterable[OrderMail]) -> dict[LineKey, int]:
    gained: dict[LineKey, int] = defaultdict(int)
    signs = {GoodsAllocated: 1, BackorderOpened: -1}
    for mail in mails:
        for line in mail.reported_lines:
            gained[_key(line)] += signs.get(type(mail), 0) * line.quantity
    return gained


def _dates_heard(mails: Iterable[OrderMail]) -> dict[LineKey, date | None]:
    """What the customer knew before the first of the emails that move a line's date."""
    heard: dict[LineKey, date | None] = {}
    for mail in mails:
        if isinstance(mail, DateChanged):
            for line in mail.reported_lines:
                heard.setdefault(_key(line), line.previous_promised_on)
    return heard


def _mail(
    kind: type[OrderMail], newest: OrderMail, units: Mapping[LineKey, int], heard: Mapping[LineKey, date | None]
) -> OrderMail:
    """A letter of the kind about the order as it stands after the newest fact."""
    common: dict[str, Any] = {field.name: getattr(newest, field.name) for field in fields(OrderMail)}
    common["note"] = ""  # belongs to what the newest email was about
    common["lines"] = tuple(
        replace(line, quantity=units.get(_key(line), 0), previous_promised_on=heard.get(_key(line)))
        for line in newest.lines
    )
    return kind(**common)


def _key(line: MailLine) -> LineKey:
    return line.number, line.sku
