"""The nightly learning of lead times, and how good what was foretold turned out to be."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory.engine.deliveries import Delivery, Key, Scope
from inventory.engine.foretelling import ForetoldDelivery, MeanLosses, Rolling, foretell_all, loss, months
from inventory.engine.lead_times import QUANTILES
from inventory.engine.learning import History, Learned, View, scopes_of
from inventory.enums import LeadTimeKind
from inventory.lead_times.queries.deliveries import past_deliveries
from inventory.lead_times.queries.lead_times import current_curves
from inventory.models import LeadTimeCurve, LeadTimeFit, LeadTimeScore, PurchasingSettings, Supplier

P50, P80, P90 = (QUANTILES.index(percent) for percent in (50, 80, 90))
SAYS = ("n", "still_open", "since", "trusted", "p10", "p50", "p80", "p90", "p95")

CurveKey = tuple[str, str, int | None, int | None, int | None]


@transaction.atomic
def learn_lead_times(*, now: datetime) -> LeadTimeFit:
    """Learn every scope's curve from what had happened before today; a curve that says something new is kept.

    Scores are written anew: for each month the model of its first day is judged by what came.
    """
    today = timezone.localdate(now).toordinal()
    deliveries = sorted(
        (delivery for delivery in past_deliveries() if delivery.known_on < today), key=lambda one: one.known_on
    )
    history = History(deliveries, enough=PurchasingSettings.objects.get().enough_deliveries)
    rolling = Rolling(history)
    first = date.fromordinal(deliveries[0].known_on if deliveries else today)
    foretold = [
        one
        for _, said in foretell_all(history, months(first, date.fromordinal(today)), until=today, rolling=rolling)
        for one in said
    ]
    rolling.settle(today)

    orders = [delivery for delivery in deliveries if not delivery.word]
    still_open = sum(delivery.received_on is None or delivery.received_on >= today for delivery in orders)
    fit = LeadTimeFit.objects.create(
        deliveries=len(orders) - still_open,
        still_open=still_open,
        order_leaning=rolling.leaning(word=False),
        word_leaning=rolling.leaning(word=True),
        fitted_at=now,
    )
    _keep_curves(fit, history.seen_from(today), rolling)
    _keep_scores(foretold, today)
    return fit


def _keep_curves(fit: LeadTimeFit, view: View, rolling: Rolling) -> None:
    known = {_key(curve): curve for curve in current_curves()}
    LeadTimeCurve.objects.bulk_create(
        curve for curve in _curves(fit, view, rolling) if _says(curve) != _says(known.get(_key(curve)))
    )


def _curves(fit: LeadTimeFit, view: View, rolling: Rolling) -> Iterator[LeadTimeCurve]:
    seen: set[Key] = set()
    for delivery in scopes_of(view.history.deliveries):
        leaning = fit.word_leaning if delivery.word else fit.order_leaning
        for learned in view.each_scope(delivery, leaning):
            if learned.key not in seen:
                seen.add(learned.key)
                yield _curve(fit, delivery, learned, rolling)


def _curve(fit: LeadTimeFit, delivery: Delivery, learned: Learned, rolling: Rolling) -> LeadTimeCurve:
    scope, curve = learned.scope, learned.curve
    own = scope in (Scope.SUPPLIER, Scope.ITEM)
    record = rolling.words.get(delivery.supplier, MeanLosses()) if own and delivery.word else MeanLosses()
    return LeadTimeCurve(
        fit=fit,
        kind=_kind(delivery),
        scope=scope,
        supplier_id=delivery.supplier if own else None,
        product_id=delivery.item if scope == Scope.ITEM else None,
        band=delivery.kin if scope == Scope.SIMILAR else None,
        n=learned.n,
        still_open=learned.still_open,
        since=date.fromordinal(learned.since),
        days=list(curve.days),
        shares=list(curve.shares),
        trusted=own and rolling.trusts(delivery),
        scored=record.n,
        learned_loss=record.learned / record.n if record.n else None,
        stated_loss=record.stated / record.n if record.n else None,
        **{f"p{percent}": curve.quantile(percent) for percent in QUANTILES},
    )


def _keep_scores(foretold: Iterable[ForetoldDelivery], today: int) -> None:
    stated_days = dict(Supplier.objects.values_list("pk", "lead_time_days"))
    sums: dict[tuple[Any, str, date], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one in foretold:
        received_on = one.delivery.received_on
        if received_on is None or received_on >= today:
            continue
        month = date.fromordinal(received_on).replace(day=1)
        _add(sums[one.delivery.supplier, _kind(one.delivery), month], one, stated_days)
    LeadTimeScore.objects.bulk_create(
        (
            LeadTimeScore(supplier_id=supplier_id, kind=kind, month=month, **figures)
            for (supplier_id, kind, month), figures in sorted(sums.items())
        ),
        update_conflicts=True,
        unique_fields=["supplier", "kind", "month"],
        update_fields=["n", "within_p50", "within_p80", "within_p90", "loss", "stated_loss"],
    )


def _add(sums: dict[str, float], one: ForetoldDelivery, stated_days: Mapping[Any, int]) -> None:
    stated = 0 if one.delivery.word else stated_days[one.delivery.supplier]
    sums["n"] += 1
    sums["within_p50"] += one.took <= one.said[P50]
    sums["within_p80"] += one.took <= one.said[P80]
    sums["within_p90"] += one.took <= one.said[P90]
    sums["loss"] += loss(one.took, one.said)
    sums["stated_loss"] += loss(one.took, (stated,) * len(QUANTILES))


def _kind(delivery: Delivery) -> LeadTimeKind:
    return LeadTimeKind.WORD if delivery.word else LeadTimeKind.ORDER


def _key(curve: LeadTimeCurve) -> CurveKey:
    return curve.kind, curve.scope, curve.supplier_id, curve.product_id, curve.band


def _says(curve: LeadTimeCurve | None) -> tuple[object, ...]:
    return tuple(getattr(curve, name) for name in SAYS) if curve else ()
