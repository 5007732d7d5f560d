"""The list of runs and the results of one, narrowed down."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import F, QuerySet

from backorders.enums import RunKind, RunStatus
from backorders.models import AllocationRun, OrderLine, RunPromise, RunResult
from backorders.queue.queries.search import lines_found_by
from config.lib.filters import ListFilter, SearchFilter

RESULTS = [
    ("changed", "Changed"),
    ("gained", "Gained"),
    ("lost", "Lost"),
    ("worse", "Dates pushed back"),
    ("short", "Still short"),
    ("exceptions", "Exceptions"),
    ("all", "All lines"),
]


class RunFilters(ListFilter):
    kind = django_filters.ChoiceFilter(choices=RunKind.choices, label="Kind")
    status = django_filters.ChoiceFilter(choices=RunStatus.choices, label="Status")


class ResultFilters(ListFilter):
    """The results of `run` that changed, or as `show` names them.

    `q` is in the SKU or name of the product, the code or name of the customer, or names the order.
    """

    q = SearchFilter("Product, customer or order", longest=60, method="named")
    segment = django_filters.NumberFilter(label="Segment", min_value=0, max_value=100)

    def __init__(self, query: Mapping[str, Any], run: AllocationRun) -> None:
        super().__init__(query, RunResult.objects.filter(run_id=run.pk))
        self.run = run
        asked = query.get("show", "")
        self.show = asked if asked in dict(RESULTS) else "changed"

    def filter_queryset(self, queryset: QuerySet[RunResult]) -> QuerySet[RunResult]:
        return self._shown(super().filter_queryset(queryset))

    def named(self, results: QuerySet[RunResult], name: str, value: str) -> QuerySet[RunResult]:
        return results.filter(line_id__in=lines_found_by(OrderLine.objects.all(), value).values("pk"))

    def _shown(self, results: QuerySet[RunResult]) -> QuerySet[RunResult]:
        match self.show:
            case "gained":
                return results.filter(after__gt=F("before"))
            case "lost":
                return results.filter(after__lt=F("before"))
            case "short":
                return results.filter(after__lt=F("open"))
            case "worse":
                worse = RunPromise.objects.filter(run_id=self.run.pk, is_worse=True)
                return results.filter(line_id__in=worse.values("line_id"))
            case "exceptions":
                return results.filter(line_id__in=self.run.pool_exceptions.values("line_id"))
            case "all":
                return results
            case _:
                return results.exclude(after=F("before"))
