"""Keeping stock for a group of customers, and ending that again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from backorders.errors import QuotaRefused
from backorders.models import OrderLine, Quota
from backorders.queue.queues import mark_queues_changed
from config.lib.numbers import QUANTITY_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class NewQuota:
    """For one group: a tier, a customer or a channel. Of a product, a category, or of everything."""

    reason: str
    starts_on: date
    ends_on: date
    release_on: date
    units: int = 0
    percent: int = 0
    product_id: int | None = None
    category_id: int | None = None
    tier_id: int | None = None
    customer_id: int | None = None
    channel: str = ""


@transaction.atomic
def keep_stock(*, quota: NewQuota, by: User | None, now: datetime) -> Quota:
    """Keep stock from now on; the next run goes by it. Raises QuotaRefused, with the reason beside its field."""
    refusals = dict(_refusals(quota))
    if refusals:
        raise QuotaRefused("The quota is not valid.", refusals)
    made = Quota.objects.create(
        **{name: getattr(quota, name) for name in NewQuota.__dataclass_fields__}, made_by=by, made_at=now
    )
    mark_queues_changed(_products(made))
    return made


@transaction.atomic
def end_quota(*, quota_id: int, by: User | None, now: datetime) -> Quota:
    """What it still keeps is free for all from now on; ending it twice is harmless."""
    quota = Quota.objects.select_for_update(no_key=True, of=("self",)).get(pk=quota_id)
    if quota.ended_at is None:
        quota.ended_at, quota.ended_by = now, by
        quota.save(update_fields=["ended_at", "ended_by"])
        mark_queues_changed(_products(quota))
    return quota


def _refusals(quota: NewQuota) -> Sequence[tuple[str, str]]:
    groups = [bool(quota.tier_id), bool(quota.customer_id), bool(quota.channel)]
    wrong = []
    if not 0 <= quota.units <= QUANTITY_MAX:
        wrong.append(("units", "A quota cannot be negative."))
    if not 0 <= quota.percent <= 100:
        wrong.append(("percent", "Enter 1 to 100 per cent."))
    if not wrong and bool(quota.units) == bool(quota.percent):
        wrong.append(("units", "Enter either units or a percentage."))
    if sum(groups) != 1:
        wrong.append(("tier", "Choose one tier, one customer or one channel."))
    if quota.product_id and quota.category_id:
        wrong.append(("category", "Choose a product or a category, not both."))
    if quota.ends_on < quota.starts_on:
        wrong.append(("ends_on", "The period ends before it starts."))
    if quota.release_on < quota.starts_on:
        wrong.append(("release_on", "It would be released before it starts."))
    if not quota.reason.strip():
        wrong.append(("reason", "Enter a reason."))
    return wrong


def products_requoted(*, since: datetime) -> set[int]:
    """The products with open lines for which a quota was written or ended after this moment."""
    changed = Quota.objects.filter(Q(made_at__gt=since) | Q(ended_at__gt=since))
    return {product_id for quota in changed for product_id in _products(quota)}


def _products(quota: Quota) -> Any:
    lines = OrderLine.objects.open()
    if quota.product_id:
        lines = lines.filter(product_id=quota.product_id)
    elif quota.category_id:
        lines = lines.filter(product__category_id=quota.category_id)
    return lines.order_by().values_list("product_id", flat=True).distinct()
