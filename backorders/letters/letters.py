"""What the customer hears: one email per order and fact, as a snapshot of the order after the fact."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from backorders.engine.promising.supply_curve import Promised
from backorders.letters.tracking_links import issue_links
from backorders.letters.wording import NEUTRAL
from backorders.models import DeskSettings, OrderLine, SalesOrder
from config.lib.bulk import any_of
from inventory.enums import BackorderPolicy
from notifications.payloads import MailLine, OrderMail
from notifications.services.outbox import Draft, queue_messages

MessageKeys = dict[int, str]
Dates = Mapping[int, Promised]
Days = Mapping[int, date | None]


class News(NamedTuple):
    """A fact: the units that it brought to which lines, the letter that tells it, and what made it happen.

    The letters of a `batch` ("run:12") wait for each other, so that a customer gets one email of them. A legal one must
    have left by `deadline_at`.
    """

    letter: type[OrderMail]
    units: Mapping[int, int]
    fact: str
    cause: str
    extras: Mapping[str, Any] = MappingProxyType({})
    batch: str = ""
    deadline_at: datetime | None = None


def tell_customers(
    letter: type[OrderMail],
    *,
    news: Mapping[int, int],
    fact: str,
    cause: str,
    now: datetime,
    dates: Dates | None = None,
    previous_dates: Days | None = None,
    holding: Mapping[int, int] | None = None,
    only_where_wanted: bool = False,
    batch: str = "",
    deadline_at: datetime | None = None,
    **extras: Any,
) -> MessageKeys:
    """Queue one `letter` for each order that has news, and say which message tells which line.

    `news` is the quantity reported per line; `dates` are promises about to be recorded, and `holding` the units that
    lines are about to hold, where they differ from the lines'; `fact` makes the message's key, so that one fact is told
    once. With `only_where_wanted` the lines of products that wait quietly (policy "allow") are no news. Customers
    without an address are not written to, and their lines get no key.
    """
    [keys] = tell_all(
        [News(letter, news, fact, cause, extras, batch, deadline_at)],
        now=now,
        dates=dates,
        previous_dates=previous_dates,
        holding=holding,
        only_where_wanted=only_where_wanted,
    )
    return keys


def tell_all(
    facts: Sequence[News],
    *,
    now: datetime,
    dates: Dates | None = None,
    previous_dates: Days | None = None,
    holding: Mapping[int, int] | None = None,
    only_where_wanted: bool = False,
) -> list[MessageKeys]:
    """Tell several facts, each as `tell_customers` would, in the order given; the message keys of each."""
    if not any(fact.units for fact in facts):
        return [{} for _ in facts]
    lines = _lines_with_news([pk for fact in facts for pk in fact.units], only_where_wanted)
    everything = _all_lines({line.order_id for line in lines.values()}, holding or {})
    links = issue_links(
        {
            _key(fact, lines[pk].order_id): lines[pk].order_id
            for fact in facts
            for pk in fact.units.keys() & lines.keys()
        },
        now=now,
    )
    reasons: Mapping[str, str] = {} if DeskSettings.objects.get().names_causes else NEUTRAL
    drafts: list[Draft] = []
    told_by_fact: list[MessageKeys] = []
    for news in facts:
        keys: MessageKeys = {}
        orders: dict[SalesOrder, list[OrderLine]] = defaultdict(list)
        for pk in sorted(news.units.keys() & lines.keys()):
            orders[lines[pk].order].append(lines[pk])
        for order, order_lines in orders.items():
            draft = _draft(
                news,
                order,
                order_lines,
                everything[order.pk],
                tracking_url=links[_key(news, order.pk)],
                dates=dates or {},
                previous_dates=previous_dates or {},
                reasons=reasons,
            )
            keys |= {line.pk: draft.dedupe_key for line in order_lines}
            drafts.append(draft)
        told_by_fact.append(keys)
    queue_messages(drafts, now=now)
    return told_by_fact


def _draft(
    news: News,
    order: SalesOrder,
    reported: Sequence[OrderLine],
    everything: Sequence[OrderLine],
    *,
    tracking_url: str,
    dates: Dates,
    previous_dates: Days,
    reasons: Mapping[str, str],
) -> Draft:
    units = {line.pk: news.units[line.pk] for line in reported}
    return Draft(
        payload=news.letter(
            customer_name=order.customer.name,
            order_number=order.number,
            customer_reference=order.customer_reference,
            ship_complete=order.ship_complete,
            tracking_url=tracking_url,
            lines=tuple(_mail_line(line, units.get(line.pk, 0), dates, previous_dates, reasons) for line in everything),
            **news.extras,
        ),
        recipient=order.customer.email,
        recipient_name=order.customer.name,
        language=order.customer.language,
        dedupe_key=_key(news, order.pk),
        aggregate=f"order:{order.pk}",
        cause=news.cause,
        addressee=order.customer.addressee,
        time_zone=order.customer.time_zone,
        batch=news.batch,
        deadline_at=news.deadline_at,
    )


def _key(news: News, order_id: int) -> str:
    return f"{news.fact}:order:{order_id}"


def _lines_with_news(line_ids: list[int], only_where_wanted: bool) -> dict[int, OrderLine]:
    lines = OrderLine.objects.filter(any_of("pk", line_ids)).exclude(order__customer__email="")
    if only_where_wanted:
        lines = lines.filter(product__backorder_policy=BackorderPolicy.NOTIFY)
    return {line.pk: line for line in lines.select_related("order__customer")}


def _all_lines(order_ids: Collection[int], holding: Mapping[int, int]) -> dict[int, list[OrderLine]]:
    by_order: dict[int, list[OrderLine]] = defaultdict(list)
    lines = OrderLine.objects.filter(any_of("order", order_ids)).select_related("product")
    for line in lines.order_by("order", "number"):
        line.allocated = holding.get(line.pk, line.allocated)
        by_order[line.order_id].append(line)
    return by_order


def _mail_line(
    line: OrderLine, quantity: int, dates: Dates, previous_dates: Days, reasons: Mapping[str, str]
) -> MailLine:
    promised = dates.get(line.pk, Promised(line.p50_on, line.promised_on))
    return MailLine(
        sku=line.product.sku,
        name=line.product.name,
        unit=line.product.unit,
        quantity=quantity,
        ordered=line.ordered,
        allocated=line.allocated,
        shipped=line.shipped,
        cancelled=line.cancelled,
        open=line.open,
        promised_from=promised.from_on,
        promised_on=promised.promised_on,
        previous_promised_on=previous_dates.get(line.pk),
        reason=reasons.get(line.reason, line.reason),
        number=line.number,
    )
