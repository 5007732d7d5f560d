"""Refunds that follow a cancellation: until when, how much, and that a person sent the money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction

from backorders.decisions.calendars import public_holidays
from backorders.engine.working_days import add_working_days
from backorders.enums import EventKind, RefundMethod
from backorders.errors import RefundSettled
from backorders.letters.letters import tell_customers
from backorders.letters.timeline import Event, record_events
from backorders.models import CustomerSettings, Decision, OrderLine, RefundTask, SalesOrder
from config.lib.numbers import line_value
from customers.models import JurisdictionProfile
from notifications.payloads import Refunded


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """Until when money goes back, and what that rests on."""

    vested_on: date
    due_on: date
    basis: str
    is_legal: bool


def refund_terms(profile: JurisdictionProfile | None, *, vested_on: date) -> RefundTerms:
    """By the law of the profile where there is one, else by the desk's own settings."""
    if profile is None:
        days = CustomerSettings.objects.get().refund_working_days
        due_on = add_working_days(vested_on, days)
        return RefundTerms(vested_on, due_on, f"{days} working days, by the desk settings", is_legal=False)
    days = profile.refund_working_days
    holidays = public_holidays(profile.holiday_country, profile.holiday_subdivision, vested_on.year)
    basis = f"{days} working days after {vested_on:%-d %b %Y}, holidays of {profile.holiday_country or 'no country'}"
    return RefundTerms(vested_on, add_working_days(vested_on, days, holidays), basis, is_legal=True)


def active_profiles() -> list[JurisdictionProfile]:
    return list(JurisdictionProfile.objects.filter(active=True).order_by("pk"))


def profile_of(order: SalesOrder) -> JurisdictionProfile | None:
    return protecting(order, active_profiles())


def protecting(order: SalesOrder, profiles: Sequence[JurisdictionProfile]) -> JurisdictionProfile | None:
    """The profile that protects the order: that of its customer, else the first that names its channel."""
    by_channel = (profile for profile in profiles if order.channel in profile.channels)
    own = (profile for profile in profiles if profile.code == order.customer.jurisdiction)
    return next(own, None) or next(by_channel, None)


def value_of(cancelled: Mapping[OrderLine, int]) -> Decimal:
    return sum((line_value(units, line.unit_price) for line, units in cancelled.items()), Decimal())


def open_refunds(
    cancelled: Mapping[OrderLine, int], terms: RefundTerms, *, decision: Decision | None, by: User | None, now: datetime
) -> list[RefundTask]:
    """One task for each line whose cancelled units have a price; a step of the transaction that cancels."""
    tasks = [
        RefundTask(
            order=line.order,
            line=line,
            decision=decision,
            units=units,
            amount=line_value(units, line.unit_price),
            currency=line.order.currency,
            vested_on=terms.vested_on,
            due_on=terms.due_on,
            basis=terms.basis,
            is_legal=terms.is_legal,
            made_at=now,
        )
        for line, units in cancelled.items()
        if units and line_value(units, line.unit_price) > 0
    ]
    RefundTask.objects.bulk_create(tasks)
    record_events(
        [
            Event(t.line_id, EventKind.REFUND_DUE, t.units, f"{t.amount} {t.currency} by {t.due_on:%-d %b %Y}")
            for t in tasks
        ],
        now=now,
        by=by,
    )
    return tasks


@transaction.atomic
def record_refund(
    *,
    refund_id: int,
    method: RefundMethod,
    amount: Decimal,
    sent_on: date,
    by: User,
    now: datetime,
    note: str = "",
) -> RefundTask:
    """A person sent the money, or found that nothing had been paid; the customer is told of money only.

    Raises RefundSettled when it was recorded before.
    """
    order_id = RefundTask.objects.values_list("order_id", flat=True).get(pk=refund_id)
    SalesOrder.objects.locked().get(pk=order_id)
    task = RefundTask.objects.select_related("order__customer", "line").locked().get(pk=refund_id)
    if task.done_at:
        raise RefundSettled(f"{task.order}: this refund was recorded on {task.done_on:%-d %b %Y}.")
    task.done_at, task.done_by, task.done_on, task.done_note = now, by, sent_on, note
    task.method, task.done_amount = method, amount if method != RefundMethod.NOTHING_PAID else Decimal()
    task.save(update_fields=["done_at", "done_by", "done_on", "done_note", "method", "done_amount"])
    keys = {}
    if task.done_amount:
        keys = tell_customers(
            Refunded,
            news={task.line_id: task.units},
            fact=f"refund:{task.pk}",
            cause="Refund sent",
            now=now,
            amount=f"{task.done_amount:.2f}",
            currency=task.currency,
        )
    sent_words = f"{task.done_amount} {task.currency}, {task.get_method_display().lower()}"
    event = Event(task.line_id, EventKind.REFUNDED, task.units, sent_words, keys.get(task.line_id, ""))
    record_events([event], now=now, by=by)
    return task
