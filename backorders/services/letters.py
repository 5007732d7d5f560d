"""What the customer hears: one email per order and fact, as a snapshot of the order after the fact."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime

from backorders.models import OrderLine, SalesOrder
from config.lib.bulk import any_of
from inventory.enums import BackorderPolicy
from notifications.payloads import MailLine, OrderMail
from notifications.services.outbox import Draft, queue_messages

MessageKeys = dict[int, str]
Dates = Mapping[int, date | None]


def tell_customers(
    letter: type[OrderMail],
    *,
    news: Mapping[int, int],
    fact: str,
    cause: str,
    now: datetime,
    dates: Dates | None = None,
    previous_dates: Dates | None = None,
    only_where_wanted: bool = False,
    **extras: str,
) -> MessageKeys:
    """Queue one `letter` for each order that has news, and say which message tells which line.

    `news` is the quantity reported per line; `dates` are promises about to be recorded, where they differ from the lines';
    `fact` makes the message's key, so that one fact is told once. With
    `only_where_wanted` the lines of products that wait quietly (policy "allow") are no news. Customers without an
    address are not told, and their lines get no key.
    """
    lines = _lines_with_news(list(news), only_where_wanted)
    orders: dict[SalesOrder, list[OrderLine]] = defaultdict(list)
    for line in lines:
        orders[line.order].append(line)
    everything = _all_lines(orders)
    drafts, keys = [], {}
    for order, told in orders.items():
        key = f"{fact}:order:{order.pk}"
        keys |= {line.pk: key for line in told}
        wanted = {line.pk for line in told}
        payload = letter(
            customer_name=order.customer.name,
            order_number=order.number,
            customer_reference=order.customer_reference,
            ship_complete=order.ship_complete,
            lines=tuple(
                _mail_line(line, news.get(line.pk, 0) if line.pk in wanted else 0, dates or {}, previous_dates or {})
                for line in everything[order.pk]
            ),
            **extras,
        )
        drafts.append(
            Draft(
                payload=payload,
                recipient=order.customer.email,
                recipient_name=order.customer.name,
                language=order.customer.language,
                dedupe_key=key,
                aggregate=f"order:{order.pk}",
                cause=cause,
            )
        )
    queue_messages(drafts, now=now)
    return keys


def _lines_with_news(line_ids: list[int], only_where_wanted: bool) -> list[OrderLine]:
    lines = OrderLine.objects.filter(any_of("pk", line_ids)).exclude(order__customer__email="")
    if only_where_wanted:
        lines = lines.filter(product__backorder_policy=BackorderPolicy.NOTIFY)
    return list(lines.select_related("order__customer").order_by("pk"))


def _all_lines(orders: Mapping[SalesOrder, list[OrderLine]]) -> dict[int, list[OrderLine]]:
    by_order: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(order__in=list(orders)).select_related("product").order_by("order", "number"):
        by_order[line.order_id].append(line)
    return by_order


def _mail_line(line: OrderLine, quantity: int, dates: Dates, previous_dates: Dates) -> MailLine:
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
        promised_on=dates.get(line.pk, line.promised_on),
        previous_promised_on=previous_dates.get(line.pk),
        reason=line.reason,
    )
