from datetime import timedelta
from decimal import Decimal

import pytest

from backorders.enums import ProposalState
from backorders.errors import NotProposed
from backorders.models import ReorderProposal, StockingRule, StockoutWarning
from backorders.planning.forecast import forecast_demand
from backorders.planning.replenishment import approve_proposals, propose_orders, reject_proposals
from backorders.planning.stockouts import warn_of_stockouts
from inventory.enums import PurchaseOrderStatus
from inventory.models import PurchaseOrder
from inventory.suppliers.send import send_purchase_order
from tests.backorders.demand_history import wanted_weekly
from tests.factories.backorders import order_for
from tests.factories.inventory import (
    MONDAY,
    ProductFactory,
    PurchaseOrderLineFactory,
    StockLevelFactory,
    SupplierFactory,
    SupplierProductFactory,
)
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
STEADY = [9, 11, 10, 8, 12, 10, 9, 11, 10, 10, 12, 8, 10, 9, 11, 10]


def a_product_that_sells(*, pack=12, minimum=10, **values):
    """Ten a week, all of it on backorder, nothing here; Nordwerk delivers in 14 days."""
    product = ProductFactory(**values)
    SupplierProductFactory(
        product=product,
        supplier=SupplierFactory(name="Nordwerk"),
        lead_time_days=14,
        pack_size=pack,
        minimum_quantity=minimum,
    )
    wanted_weekly(product, STEADY)
    return product


@pytest.fixture
def product(db):
    found = a_product_that_sells(sku="SAW-200", price=Decimal("20"))
    forecast_demand(now=MONDAY)
    return found


def the_proposal() -> ReorderProposal:
    return ReorderProposal.objects.get(state=ProposalState.PROPOSED)


def test_a_proposal_covers_backorders_and_demand_in_whole_packs_and_says_so(product):
    summary = propose_orders(now=MONDAY)

    proposal = the_proposal()
    assert summary.proposals == 1
    assert proposal.backorders == sum(STEADY)
    assert proposal.needed == proposal.backorders + proposal.forecast + proposal.safety
    assert proposal.quantity >= proposal.needed
    assert proposal.quantity % 12 == 0
    assert proposal.cost == Decimal("9.50")
    assert proposal.sentence.startswith(f"{sum(STEADY)} on backorder + {proposal.forecast} forecast for 14 days")
    assert "Lead time as the supplier states." in proposal.sentence


def test_proposing_again_replaces_what_was_proposed(product):
    propose_orders(now=MONDAY)
    first = the_proposal()
    propose_orders(now=MONDAY + timedelta(hours=1))

    first.refresh_from_db()
    assert first.state == ProposalState.LAPSED
    assert the_proposal().pk != first.pk


def test_approved_proposals_become_one_draft_for_each_supplier_and_are_not_proposed_again(product):
    other = a_product_that_sells(sku="SAW-300")
    forecast_demand(now=MONDAY)
    propose_orders(now=MONDAY)
    ids = list(ReorderProposal.objects.filter(state="proposed").values_list("pk", flat=True))

    orders = approve_proposals(proposal_ids=ids, by=staff_with(), now=MONDAY)

    assert [order.status for order in orders] == [PurchaseOrderStatus.DRAFT] * 2
    assert {line.product_id for order in orders for line in order.lines.all()} == {product.pk, other.pk}
    assert propose_orders(now=MONDAY).proposals == 0
    send_purchase_order(purchase_order_id=orders[0].pk, by=None, now=MONDAY)
    assert propose_orders(now=MONDAY).proposals == 0


def test_a_decided_proposal_is_not_decided_again(product):
    propose_orders(now=MONDAY)
    proposal = the_proposal()
    approve_proposals(proposal_ids=[proposal.pk], by=staff_with(), now=MONDAY)

    with pytest.raises(NotProposed, match="SAW-200 is approved already"):
        approve_proposals(proposal_ids=[proposal.pk], by=staff_with(), now=MONDAY)
    with pytest.raises(NotProposed, match="at least one"):
        reject_proposals(proposal_ids=[], by=staff_with(), now=MONDAY)
    assert PurchaseOrder.objects.count() == 1


def test_a_rejected_proposal_keeps_quiet_for_a_week(product):
    propose_orders(now=MONDAY)
    reject_proposals(proposal_ids=[the_proposal().pk], by=staff_with(), now=MONDAY)

    assert propose_orders(now=MONDAY + timedelta(days=6)).proposals == 0
    assert propose_orders(now=MONDAY + timedelta(days=8)).proposals == 1


def test_stock_on_hand_and_on_order_come_off(product):
    propose_orders(now=MONDAY)
    before = the_proposal()
    StockLevelFactory(product=product, warehouse=before.warehouse, on_hand=30)
    PurchaseOrderLineFactory(product=product, purchase_order__warehouse=before.warehouse, ordered=20)
    propose_orders(now=MONDAY)

    after = the_proposal()
    assert (after.on_hand, after.on_order) == (30, 20)
    assert after.needed == before.needed - 50


def test_the_preferred_supplier_is_asked_by_rank_and_only_an_active_one(product):
    SupplierProductFactory(
        product=product, supplier=SupplierFactory(name="Zweitwerk"), rank=2, cost=Decimal("1"), lead_time_days=1
    )
    propose_orders(now=MONDAY)
    assert the_proposal().supplier.name == "Nordwerk"

    nordwerk = the_proposal().supplier
    nordwerk.active = False
    nordwerk.save(update_fields=["active"])
    propose_orders(now=MONDAY)
    assert the_proposal().supplier.name == "Zweitwerk"


def test_without_a_supplier_there_is_no_proposal_but_a_remark():
    wanted_weekly(ProductFactory(), STEADY)
    forecast_demand(now=MONDAY)

    summary = propose_orders(now=MONDAY)

    assert (summary.proposals, summary.without_supplier) == (0, 1)
    assert summary.remarks == ["1 product needs units without an active supplier."]


def test_a_budget_takes_the_most_urgent_that_fit(product):
    propose_orders(now=MONDAY)
    value = the_proposal().quantity * the_proposal().cost

    assert propose_orders(now=MONDAY, budget=value - 1).over_budget == 1
    assert propose_orders(now=MONDAY, budget=value).proposals == 1


def test_a_service_level_by_hand_moves_the_safety_stock(product):
    propose_orders(now=MONDAY)
    usual = the_proposal()
    StockingRule.objects.create(product=product, value_class="C", percent=Decimal("80"))
    propose_orders(now=MONDAY)

    assert (the_proposal().value_class, the_proposal().percent) == ("C", Decimal("80.0"))
    assert the_proposal().safety < usual.safety


def test_a_discontinued_product_is_bought_for_those_who_wait(product):
    StockingRule.objects.create(product=product, discontinued=True)
    propose_orders(now=MONDAY)

    assert the_proposal().needed == the_proposal().backorders
    assert the_proposal().sentence.startswith("Discontinued: ")


def test_a_product_that_is_no_longer_active_is_not_bought(product):
    product.active = False
    product.save(update_fields=["active"])

    assert propose_orders(now=MONDAY).proposals == 0


def test_nothing_is_proposed_before_there_is_a_forecast():
    assert propose_orders(now=MONDAY).remarks == ["There is no forecast yet: run `forecast` first."]


def test_what_will_run_out_is_warned_of_and_ranked_by_the_value_that_would_wait():
    dear, cheap, safe = (
        a_product_that_sells(sku=sku, price=Decimal(price)) for sku, price in (("A", "90"), ("B", "2"), ("C", "90"))
    )
    for product, spare in ((dear, 15), (cheap, 15), (safe, 500)):
        StockLevelFactory(product=product, on_hand=sum(STEADY) + spare)
    forecast_demand(now=MONDAY)

    summary = warn_of_stockouts(now=MONDAY)

    warnings = list(StockoutWarning.objects.order_by("-value"))
    assert summary.warnings == 2
    assert [warning.product.sku for warning in warnings] == ["A", "B"]
    assert warnings[0].free == 15
    assert warnings[0].within_7 < warnings[0].within_14 < warnings[0].within_30
    assert warnings[0].next_supply_on is None


def test_supply_in_time_takes_the_warning_away():
    product = a_product_that_sells()
    level = StockLevelFactory(product=product, on_hand=sum(STEADY) + 12)
    forecast_demand(now=MONDAY)
    warn_of_stockouts(now=MONDAY)
    before = StockoutWarning.objects.get()
    PurchaseOrderLineFactory(
        product=product,
        purchase_order__warehouse=level.warehouse,
        ordered=100,
        requested_on=MONDAY.date() + timedelta(days=5),
    )

    warn_of_stockouts(now=MONDAY)

    assert before.within_30 > 0.5
    assert not StockoutWarning.objects.exists()


def test_what_an_order_of_today_still_saves_is_no_warning():
    product = a_product_that_sells()
    StockLevelFactory(product=product, on_hand=sum(STEADY) + 30)
    forecast_demand(now=MONDAY)

    warn_of_stockouts(now=MONDAY)

    assert not StockoutWarning.objects.exists()


def test_an_order_moves_the_free_units(product):
    order_for({product: 4})
    warn_of_stockouts(now=MONDAY)

    assert StockoutWarning.objects.get().free == -sum(STEADY) - 4
    assert StockoutWarning.objects.get().within_7 == 1
