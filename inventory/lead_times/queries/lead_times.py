"""What was learned of a supplier's lead times, and on how much it stands."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Q, QuerySet, Subquery

from config.lib.bulk import any_of
from config.lib.text import counted
from inventory.engine.deliveries import Scope
from inventory.engine.lead_times import Curve
from inventory.enums import LeadTimeKind
from inventory.models import LeadTimeCurve, LeadTimeFit, PurchasingSettings, Supplier

Pair = tuple[int, int]  # product, supplier

BANDS = (3, 7, 14, 30, 60, 120)


@dataclass(frozen=True, slots=True)
class LeadTime:
    """The curve to go by for a product of a supplier, in calendar days, and whose deliveries speak.

    From the order date, or from the first confirmed date (`kind` word). `trusted`: the supplier's dates are as good.
    """

    pk: int
    kind: str
    scope: Scope
    curve: Curve
    n: int
    still_open: int
    since: date
    fitted_at: datetime
    trusted: bool
    band: int | None
    p10: int | None
    p50: int | None
    p80: int | None
    p90: int | None
    p95: int | None
    scored: int = 0
    learned_loss: float | None = None
    stated_loss: float | None = None

    @property
    def is_own(self) -> bool:
        """The deliveries are the product's or the supplier's own, not those of others."""
        return self.scope in (Scope.ITEM, Scope.SUPPLIER)

    @property
    def whose(self) -> str:
        """Whose deliveries these are, in words."""
        if self.scope == Scope.SIMILAR:
            return f"suppliers that state {_band_words(self.band or 0)}"
        return {
            Scope.ITEM: "this product from this supplier",
            Scope.SUPPLIER: "this supplier",
            Scope.ALL: "all suppliers",
        }[self.scope]

    @property
    def basis(self) -> str:
        """For example: based on 34 deliveries since 3 Feb 2025, 5 still open."""
        deliveries = counted(self.n, "delivery,deliveries")
        return f"based on {deliveries} since {self.since:%-d %b %Y}, {self.still_open:,} still open"


@dataclass(frozen=True, slots=True)
class LeadTimesTold:
    """What a supplier's page says: how long from the order, how late against its first date, and since when."""

    order: LeadTime | None
    word: LeadTime | None
    learned_at: datetime | None
    enough: int


def lead_times_told(supplier: Supplier) -> LeadTimesTold:
    book = LeadTimes(product_ids=[], supplier_ids=[supplier.pk])
    order, word = (
        book.of(product_id=0, supplier_id=supplier.pk, stated_days=supplier.lead_time_days, kind=kind)
        for kind in (LeadTimeKind.ORDER, LeadTimeKind.WORD)
    )
    learned_at = LeadTimeFit.objects.aggregate(last=Max("fitted_at"))["last"]
    return LeadTimesTold(order, word, learned_at, PurchasingSettings.objects.get().enough_deliveries)


def current_curves(rows: Q | None = None) -> QuerySet[LeadTimeCurve]:
    """The newest curve of each scope; one learned from less than is enough today is passed over."""
    enough = PurchasingSettings.objects.values("enough_deliveries")[:1]
    curves = LeadTimeCurve.objects.filter(rows or Q(), n__gte=Subquery(enough))
    key = ("kind", "scope", "supplier_id", "product_id", "band")
    return curves.order_by(*key, "-pk").distinct(*key)


def lead_time_band(stated_days: int) -> int:
    """Suppliers are similar that state lead times of one band; its name is the most days of it, 0 beyond the last."""
    return next((most for most in BANDS if stated_days <= most), 0)


class LeadTimes:
    """The newest curves for some products and suppliers, read at once; the narrowest scope that has one speaks."""

    def __init__(self, *, product_ids: Collection[int], supplier_ids: Collection[int]):
        wide = Q(scope__in=[Scope.SIMILAR, Scope.ALL])
        own = Q(scope=Scope.SUPPLIER, supplier__in=supplier_ids)
        item = Q(any_of("product_id", product_ids), scope=Scope.ITEM, supplier__in=supplier_ids)
        self._found = {
            (row.kind, row.scope, row.supplier_id, row.product_id, row.band): _lead_time(row)
            for row in current_curves(wide | own | item).select_related("fit")
        }

    def of(self, *, product_id: int, supplier_id: int, stated_days: int, kind: LeadTimeKind) -> LeadTime | None:
        """None: even all suppliers together have too little history, so only what is stated remains."""
        narrowest_first = (
            (Scope.ITEM, supplier_id, product_id, None),
            (Scope.SUPPLIER, supplier_id, None, None),
            (Scope.SIMILAR, None, None, lead_time_band(stated_days)),
            (Scope.ALL, None, None, None),
        )
        return next((lead_time for key in narrowest_first if (lead_time := self._found.get((kind, *key)))), None)


def lead_times_of(pairs: Iterable[Pair], kind: LeadTimeKind = LeadTimeKind.ORDER) -> dict[Pair, LeadTime]:
    """How long each supplier takes for each product; a pair without enough history is left out."""
    asked = set(pairs)
    stated = dict(Supplier.objects.filter(pk__in={pair[1] for pair in asked}).values_list("pk", "lead_time_days"))
    book = LeadTimes(product_ids={pair[0] for pair in asked}, supplier_ids=stated.keys())
    by_pair = {
        (product_id, supplier_id): book.of(
            product_id=product_id, supplier_id=supplier_id, stated_days=stated[supplier_id], kind=kind
        )
        for product_id, supplier_id in asked
        if supplier_id in stated
    }
    return {pair: lead_time for pair, lead_time in by_pair.items() if lead_time}


def _lead_time(row: LeadTimeCurve) -> LeadTime:
    return LeadTime(
        pk=row.pk,
        kind=row.kind,
        scope=Scope(row.scope),
        curve=row.curve,
        n=row.n,
        still_open=row.still_open,
        since=row.since,
        fitted_at=row.fit.fitted_at,
        trusted=row.trusted,
        band=row.band,
        **{f"p{percent}": getattr(row, f"p{percent}") for percent in (10, 50, 80, 90, 95)},
        scored=row.scored,
        learned_loss=row.learned_loss,
        stated_loss=row.stated_loss,
    )


def _band_words(band: int) -> str:
    if not band:
        return f"more than {BANDS[-1]} days"
    place = BANDS.index(band)
    return f"{BANDS[place - 1] + 1} to {band} days" if place else f"at most {band} days"
