"""What to buy: proposals from the newest forecasts, and turning them into draft purchase orders."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Greatest

from backorders.engine.replenishment import InventoryPosition, Need, Terms, need_in_words, reorder_need, value_classes
from backorders.enums import ProposalState
from backorders.errors import NotProposed
from backorders.models import Forecast, OrderLine, ReorderProposal, ServiceLevel, StockingRule
from backorders.planning.lead_times import Replacement, replacements
from backorders.planning.queries.demand import Pool, latest_run
from config.lib.numbers import QUANTITY_MAX, line_value
from config.lib.text import counted
from inventory.enums import INBOUND_STATUSES, PurchaseOrderStatus
from inventory.models import Product, PurchaseOrder, PurchaseOrderLine, StockLevel
from inventory.purchasing.order import NewPurchaseLine, create_purchase_order

QUIET_AFTER_NO = timedelta(days=7)  # a rejected proposal does not come back for so long
COMMITTED = (PurchaseOrderStatus.DRAFT, *INBOUND_STATUSES)


@dataclass(frozen=True, slots=True)
class ProposalSummary:
    pools: int
    proposals: int
    units: int
    value: dict[str, Decimal]
    over_budget: int
    without_supplier: int
    remarks: list[str]


@dataclass(frozen=True, slots=True)
class PoolSupply:
    """What stands against the demand of a pool."""

    on_hand: int = 0
    on_order: int = 0
    backorders: int = 0


@transaction.atomic
def propose_orders(*, now: datetime, budget: Decimal | None = None) -> ProposalSummary:
    """Write the open proposals anew, the most urgent first, until the budget is spent (per currency).

    Products that are not active get none; discontinued ones only for the units that customers wait for.
    """
    run = latest_run()
    if run is None:
        return ProposalSummary(0, 0, 0, {}, 0, 0, ["There is no forecast yet: run `forecast` first."])
    forecasts = list(Forecast.objects.filter(run=run, product__active=True).order_by("pk"))
    drafts, without_supplier = _drafts(forecasts, now)
    drafts.sort(key=lambda draft: (-draft.urgency, draft.product_id, draft.warehouse_id))
    chosen, spent, over = _within(drafts, budget)
    for draft in chosen:
        draft.run = run
    open_ones = ReorderProposal.objects.filter(state=ProposalState.PROPOSED)
    list(open_ones.select_for_update(of=("self",), no_key=True).order_by("pk"))
    open_ones.update(state=ProposalState.LAPSED, decided_at=now)
    ReorderProposal.objects.bulk_create(chosen, batch_size=1000)
    needy = counted(without_supplier, "product needs,products need")
    return ProposalSummary(
        pools=len(forecasts),
        proposals=len(chosen),
        units=sum(draft.quantity for draft in chosen),
        value=dict(spent),
        over_budget=over,
        without_supplier=without_supplier,
        remarks=[f"{needy} units without an active supplier."] if without_supplier else [],
    )


@transaction.atomic
def approve_proposals(*, proposal_ids: Collection[int], by: User, now: datetime) -> list[PurchaseOrder]:
    """One draft purchase order for each supplier and warehouse. Raises NotProposed when one was decided already."""
    proposals = _locked(proposal_ids)
    together: dict[tuple[int, int], list[ReorderProposal]] = defaultdict(list)
    for proposal in proposals:
        together[proposal.supplier_id, proposal.warehouse_id].append(proposal)
    orders = []
    for (supplier_id, warehouse_id), mine in sorted(together.items()):
        order = create_purchase_order(
            supplier_id=supplier_id,
            warehouse_id=warehouse_id,
            lines=[NewPurchaseLine(p.product_id, p.quantity, cost=p.cost or None) for p in mine],
            note="From reorder proposals.",
            key=f"proposals:{min(p.pk for p in mine)}-{max(p.pk for p in mine)}-{len(mine)}",
            by=by,
            now=now,
        )
        orders.append(order)
        for proposal in mine:
            _decide(proposal, ProposalState.APPROVED, by, now, order)
    return orders


@transaction.atomic
def reject_proposals(*, proposal_ids: Collection[int], by: User, now: datetime) -> int:
    """Not now: the pool gets no proposal for a week. Raises NotProposed when one was decided already."""
    proposals = _locked(proposal_ids)
    for proposal in proposals:
        _decide(proposal, ProposalState.REJECTED, by, now, None)
    return len(proposals)


def _locked(proposal_ids: Collection[int]) -> list[ReorderProposal]:
    rows = ReorderProposal.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=proposal_ids)
    proposals = list(rows.select_related("product").order_by("pk"))
    if not proposals or len(proposals) != len(set(proposal_ids)):
        raise NotProposed("Choose at least one open proposal.")
    if decided := next((p for p in proposals if p.state != ProposalState.PROPOSED), None):
        raise NotProposed(f"The proposal for {decided.product.sku} is {decided.get_state_display().lower()} already.")
    return proposals


def _decide(
    proposal: ReorderProposal, state: ProposalState, by: User, now: datetime, order: PurchaseOrder | None
) -> None:
    proposal.move_to(state)
    proposal.decided_by, proposal.decided_at, proposal.purchase_order = by, now, order
    proposal.save(update_fields=["state", "decided_by", "decided_at", "purchase_order"])


def _drafts(forecasts: Sequence[Forecast], now: datetime) -> tuple[list[ReorderProposal], int]:
    product_ids = {forecast.product_id for forecast in forecasts}
    products = Product.objects.in_bulk(product_ids)
    ways, supply = replacements(product_ids), supply_of(product_ids)
    levels = {level.value_class: level.percent for level in ServiceLevel.objects.all()}
    rules = {rule.product_id: rule for rule in StockingRule.objects.filter(product__in=product_ids)}
    classes = classes_of(forecasts, products)
    quiet = _quiet_pools(now)
    drafts, without_supplier = [], 0
    for forecast in forecasts:
        pool = (forecast.product_id, forecast.warehouse_id)
        rule, product, way = rules.get(pool[0]), products[pool[0]], ways[pool[0]]
        value_class = (rule.value_class if rule else "") or classes[pool[0]]
        percent = (rule.percent if rule else None) or levels[value_class]
        terms = _terms(way, product, float(percent), buys_for_stock=not (rule and rule.discontinued))
        position = position_of(forecast, supply.get(pool, PoolSupply()))
        need = reorder_need(position, terms)
        if not need.quantity or pool in quiet:
            continue
        if way.offer is None:
            without_supplier += 1
            continue
        drafts.append(_proposal(forecast, product, way, need, position, terms, value_class, percent, now))
    return drafts, without_supplier


def position_of(forecast: Forecast, supply: PoolSupply) -> InventoryPosition:
    ended = forecast.demand_class == "ended"
    return InventoryPosition(
        on_hand=supply.on_hand,
        on_order=supply.on_order,
        backorders=supply.backorders,
        weekly=0.0 if ended else forecast.weekly,
        lead_days=forecast.lead_days,
        review_days=forecast.review_days,
        lead_quantiles=[0.0] * 5 if ended else forecast.lead_quantiles,
        cover_quantiles=[0.0] * 5 if ended else forecast.cover_quantiles,
    )


def _terms(way: Replacement, product: Product, percent: float, *, buys_for_stock: bool) -> Terms:
    offer = way.offer
    return Terms(
        supplier=offer.supplier.name if offer else "Nobody",
        minimum=offer.minimum_quantity if offer else 1,
        pack=(offer.pack_size if offer else 1) or product.pack_size,
        percent=percent,
        buys_for_stock=buys_for_stock,
    )


def _proposal(
    forecast: Forecast,
    product: Product,
    way: Replacement,
    need: Need,
    position: InventoryPosition,
    terms: Terms,
    value_class: str,
    percent: Decimal,
    now: datetime,
) -> ReorderProposal:
    offer = way.offer
    if offer is None:
        raise NotProposed(f"No supplier offers {product.sku}.")
    sentence = need_in_words(need, position, terms, value_class=value_class)
    if way.basis:
        sentence += f" Lead time {way.basis}."
    if forecast.label:
        sentence += f" {forecast.label}"
    return ReorderProposal(
        product_id=product.pk,
        warehouse_id=forecast.warehouse_id,
        supplier_id=offer.supplier_id,
        quantity=min(need.quantity, QUANTITY_MAX // terms.pack * terms.pack),
        needed=need.needed,
        backorders=need.backorders,
        forecast=need.forecast,
        safety=need.safety,
        on_hand=need.on_hand,
        on_order=need.on_order,
        reorder_point=need.reorder_point,
        lead_days=position.lead_days,
        review_days=position.review_days,
        value_class=value_class,
        percent=percent,
        cost=offer.cost or product.cost,
        currency=offer.currency if offer.cost else product.currency,
        urgency=round(need.urgency, 4),
        sentence=sentence,
        made_at=now,
    )


def _within(
    drafts: Iterable[ReorderProposal], budget: Decimal | None
) -> tuple[list[ReorderProposal], dict[str, Decimal], int]:
    """Those that the budget allows; one that is too dear does not keep cheaper ones after it out."""
    chosen, over = [], 0
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for draft in drafts:
        value = line_value(draft.quantity, draft.cost)
        if budget is not None and spent[draft.currency] + value > budget:
            over += 1
            continue
        spent[draft.currency] += value
        chosen.append(draft)
    return chosen, spent, over


def supply_of(product_ids: Collection[int]) -> dict[Pool, PoolSupply]:
    """On hand, ordered from suppliers (drafts too, so that nothing is bought twice), and owed to customers."""
    by_pool: dict[Pool, list[int]] = defaultdict(lambda: [0, 0, 0])
    levels = StockLevel.objects.filter(product__in=product_ids)
    for product_id, warehouse_id, units in levels.values_list("product_id", "warehouse_id", "on_hand"):
        by_pool[product_id, warehouse_id][0] = units
    bought = PurchaseOrderLine.objects.filter(product__in=product_ids, purchase_order__status__in=COMMITTED)
    to_come = Greatest(F("ordered") - F("received") - F("cancelled"), 0)
    for product_id, warehouse_id, units in (
        bought.order_by().values_list("product_id", "purchase_order__warehouse_id").annotate(units=Sum(to_come))
    ):
        by_pool[product_id, warehouse_id][1] = units
    owed = OrderLine.objects.open().filter(product__in=product_ids)
    for product_id, warehouse_id, units in (
        owed.order_by()
        .values_list("product_id", "warehouse_id")
        .annotate(units=Sum(F("ordered") - F("shipped") - F("cancelled")))
    ):
        by_pool[product_id, warehouse_id][2] = units
    return {pool: PoolSupply(*units) for pool, units in by_pool.items()}


def classes_of(forecasts: Iterable[Forecast], products: dict[int, Product]) -> dict[int, str]:
    values: dict[int, float] = defaultdict(float)
    for forecast in forecasts:
        values[forecast.product_id] += forecast.weekly * float(products[forecast.product_id].price)
    return value_classes(sorted(values.items()))


def _quiet_pools(now: datetime) -> set[Pool]:
    rejected = ReorderProposal.objects.filter(state=ProposalState.REJECTED, decided_at__gt=now - QUIET_AFTER_NO)
    return set(rejected.values_list("product_id", "warehouse_id"))
