"""The live counts on the page and the run's own filters are one and the same: tried side by side on real lines."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from backorders.engine.policy.definition import KIND_OF, OPERATORS, FilterField, Kind, as_json
from backorders.engine.policy.reader import parse_definition
from backorders.models import OrderLine
from backorders.queue.compiled_policy import CompiledPolicy, known_codes
from backorders.queue.queries.segments import segment_catches
from backorders.queue.queues import ranked, read_queues
from notifications.services.delivery import deliver_due_messages
from tests.backorders.waiting import DAY, ordered_line
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import MONDAY, CategoryFactory, ProductFactory, StockLevelFactory

pytestmark = pytest.mark.django_db
NOW = MONDAY + 60 * DAY
REST = {"strategy": "REDISTRIBUTE", "keys": [{"field": "placed_at"}]}


@pytest.fixture
def lines():
    """Twenty-four lines that differ in everything a filter may ask for."""
    dice = random.Random(7)
    tiers = [CustomerTierFactory(code=code) for code in ("platinum", "gold", "basic")]
    customers = [
        CustomerFactory(code=f"C{number}", tier=tiers[number % 3], country=("DE", "AT", "")[number % 3], email=email)
        for number, email in enumerate(["a@example.com", "", "b@example.com", ""])
    ]
    saws, drills = CategoryFactory(name="Saws"), CategoryFactory(name="Drills")
    products = [
        ProductFactory(sku=f"P{n}", category=(saws, drills, None)[n % 3], price=Decimal(n + 1)) for n in range(4)
    ]
    for product in products:
        StockLevelFactory(product=product, on_hand=20)
    for _ in range(24):
        ordered_line(
            dice.randint(1, 12),
            product=dice.choice(products),
            customer=dice.choice(customers),
            now=MONDAY + timedelta(hours=dice.randint(0, 55 * 24)),
            requested_on=dice.choice([None, NOW.date() + dice.randint(-6, 6) * DAY]),
            channel=dice.choice(["web", "desk", "edi"]),
            ship_complete=dice.choice([True, False]),
        )
    for line in OrderLine.objects.all():
        OrderLine.objects.filter(pk=line.pk).update(times_slipped=dice.randint(0, 3))
    deliver_due_messages(limit=6, now=NOW)  # some have heard, for others the email is still queued


VALUES = {
    FilterField.TIER: ["platinum", "GOLD", "basic"],
    FilterField.CUSTOMER: ["C0", "c1", "C2", "C3"],
    FilterField.COUNTRY: ["DE", "AT", "FR"],
    FilterField.CHANNEL: ["web", "desk"],
    FilterField.CATEGORY: ["saws", "Drills"],
    FilterField.PRODUCT: ["P0", "p1", "P2"],
    FilterField.WAREHOUSE: ["MAIN"],
    FilterField.REASON: ["unknown", "high_demand"],
    FilterField.AGE_DAYS: range(5, 60),
    FilterField.LINE_VALUE: ["4", "10.5", "24"],
    FilterField.ORDER_SIZE: range(1, 12),
    FilterField.REQUESTED_IN_DAYS: range(-6, 6),
    FilterField.TIMES_SLIPPED: range(4),
    FilterField.SHIP_COMPLETE: [True, False],
    FilterField.IS_TOLD: [True, False],
}


def a_filter(dice, field):
    kind = KIND_OF[field]
    values = dice.sample(list(VALUES[field]), 1 if kind != Kind.CHOICE else dice.randint(1, len(VALUES[field])))
    return {"field": field.value, "operator": dice.choice(OPERATORS[kind]).value, "values": values}


def a_policy(dice):
    fields = [dice.sample(list(FilterField), dice.randint(1, 2)) for _ in range(dice.randint(1, 3))]
    return parse_definition(
        {
            "segments": [
                {**REST, "name": f"S{number}", "filters": [a_filter(dice, field) for field in chosen]}
                for number, chosen in enumerate(fields)
            ],
            "rest": REST,
        }
    )


def in_runs(definition):
    """How many lines, and units, the run's own filters put into each segment."""
    policy = CompiledPolicy.of({**as_json(definition), "code": "tried", "ids": known_codes(definition)})
    found = [[0, 0, 0] for _ in definition.all_segments]
    queues = read_queues(list(OrderLine.objects.values_list("product_id", flat=True)), reads=policy.reads)
    for queue in queues.values():
        for line in ranked(queue, policy, now=NOW):
            place = found[line.segment]
            place[0] += 1
            place[1] += line.open
            place[2] += line.open - line.allocated
    return [tuple(figures) for figures in found]


def counted(definition):
    return [
        tuple(catch)
        for catch in segment_catches(definition, ids=known_codes(definition), now=NOW, today=timezone.localdate(NOW))
    ]


@pytest.mark.parametrize("seed", range(8))
def test_the_count_on_the_page_is_what_a_run_would_put_into_each_segment(lines, seed):
    dice = random.Random(seed)

    for definition in [a_policy(dice) for _ in range(25)]:
        assert counted(definition) == in_runs(definition), definition


@pytest.mark.parametrize("field", FilterField)
def test_each_field_divides_the_lines_alike(lines, field):
    dice, divided = random.Random(field), False

    for _ in range(6):
        definition = parse_definition(
            {"segments": [{**REST, "name": "S", "filters": [a_filter(dice, field)]}], "rest": REST}
        )
        both = counted(definition)
        assert both == in_runs(definition), definition
        divided |= all(catch[0] for catch in both)

    assert divided or field in (FilterField.WAREHOUSE, FilterField.REASON)


def test_the_counts_are_disjoint_and_take_one_query(lines, django_assert_num_queries):
    definition = a_policy(random.Random(3))
    ids = known_codes(definition)

    with django_assert_num_queries(1):
        found = segment_catches(definition, ids=ids, now=NOW, today=NOW.date())

    assert sum(catch.lines for catch in found) == OrderLine.objects.open().count()
