"""What was learned of lead times, night after night, and how good it turned out to be."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from config.lib.triggers import append_only
from inventory.engine.deliveries import Scope
from inventory.engine.lead_times import Curve
from inventory.enums import LeadTimeKind
from inventory.models.products import Product
from inventory.models.suppliers import Supplier


class LeadTimeFit(models.Model):
    """One night's learning; the leanings say how many deliveries the wider experience was worth."""

    deliveries = models.PositiveIntegerField()
    still_open = models.PositiveIntegerField()
    order_leaning = models.PositiveSmallIntegerField()
    word_leaning = models.PositiveSmallIntegerField()
    fitted_at = models.DateTimeField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"Lead times of {self.fitted_at:%-d %b %Y}"


class LeadTimeCurve(models.Model):
    """The curve of one scope; the newest row counts, and one is written only when it says something else.

    Of the scope `all` neither supplier nor band is set, of `similar` the band of stated lead times, of `supplier` the
    supplier, of `item` supplier and product. `n` deliveries arrived and `still_open` are under way since `since`; the
    curve also leans on wider scopes. `trusted`: the supplier's dates have been as good as ours, or better, so they are
    taken as they are. The losses are mean pinball losses in days over `scored` deliveries.
    """

    fit = models.ForeignKey(LeadTimeFit, on_delete=models.PROTECT, related_name="curves")
    kind = models.CharField(max_length=5, choices=LeadTimeKind)
    scope = models.CharField(max_length=8, choices=[(scope.value, scope.value) for scope in Scope])
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, null=True, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, related_name="+")
    band = models.PositiveSmallIntegerField(null=True)
    n = models.PositiveIntegerField()
    still_open = models.PositiveIntegerField()
    since = models.DateField()
    days = ArrayField(models.IntegerField())
    shares = ArrayField(models.FloatField())
    p10 = models.IntegerField(null=True)
    p50 = models.IntegerField(null=True)
    p80 = models.IntegerField(null=True)
    p90 = models.IntegerField(null=True)
    p95 = models.IntegerField(null=True)
    trusted = models.BooleanField(default=False)
    scored = models.PositiveIntegerField(default=0)
    learned_loss = models.FloatField(null=True)
    stated_loss = models.FloatField(null=True)

    class Meta:
        constraints = [
            CheckConstraint(name="lead_time_kind_known", condition=Q(kind__in=LeadTimeKind.values)),
            CheckConstraint(name="lead_time_scope_known", condition=Q(scope__in=[scope.value for scope in Scope])),
            CheckConstraint(
                name="lead_time_scope_named",
                condition=Q(scope=Scope.ALL.value, supplier=None, product=None, band=None)
                | Q(scope=Scope.SIMILAR.value, supplier=None, product=None, band__isnull=False)
                | Q(scope=Scope.SUPPLIER.value, supplier__isnull=False, product=None, band=None)
                | Q(scope=Scope.ITEM.value, supplier__isnull=False, product__isnull=False, band=None),
            ),
        ]
        indexes = [
            models.Index(fields=["product", "supplier", "id"], condition=Q(scope="item"), name="lead_times_of_items"),
            models.Index(fields=["supplier", "id"], condition=Q(scope="supplier"), name="lead_times_of_suppliers"),
            models.Index(fields=["scope", "id"], condition=Q(scope__in=["similar", "all"]), name="lead_times_of_all"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.scope}: {self.n}"

    @property
    def curve(self) -> Curve:
        return Curve(tuple(self.days), tuple(self.shares))


class LeadTimeScore(models.Model):
    """What was foretold of the deliveries of one supplier that arrived in one month, as it would have been at the time.

    Each had been foretold on the first of the month in which its date was first known; `within_*` count those that came
    on or before the quantile. The losses are sums of pinball losses in days; `stated_loss` is that of the supplier's
    date, where there was one.
    """

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=5, choices=LeadTimeKind)
    month = models.DateField()
    n = models.PositiveIntegerField()
    within_p50 = models.PositiveIntegerField()
    within_p80 = models.PositiveIntegerField()
    within_p90 = models.PositiveIntegerField()
    loss = models.FloatField()
    stated_loss = models.FloatField()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["supplier", "kind", "month"], name="one_lead_time_score_a_month"),
            CheckConstraint(name="lead_time_score_kind_known", condition=Q(kind__in=LeadTimeKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_id} {self.month:%b %Y}: {self.n}"
