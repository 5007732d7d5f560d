"""Importing CSV files through the browser: try it first, read what became of every row, fetch what was not taken."""

import io
import secrets
from collections.abc import Iterable

from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from backorders.desk.imports.forms import ImportForm
from backorders.files import KINDS, ONLY_FOR_MAPPINGS, find_mapping, import_file, presets
from config.lib.csv.importing import Job
from config.lib.csv.reading import Limits
from config.lib.csv.report import Report, write_rejects
from config.lib.replies import refusals_beside
from config.lib.requests import StaffRequest

UPLOAD_LIMITS = Limits(rows=10_000, columns=40, cell=500, compressed=False)
MOST_SHOWN = 100
REJECTS_KEPT_SECONDS = 3600

# A file does what its pages do, so it needs their permission too; a kind that is not listed here is for nobody.
NEEDED: dict[str, str] = {
    "products": "inventory.change_product",
    "customers": "customers.change_customer",
    "suppliers": "inventory.change_supplier",
    "supplier-products": "inventory.change_supplierproduct",
    "stock-counts": "backorders.correct_stock",
    "purchase-orders": "inventory.send_purchaseorder",
    "receipts": "backorders.receive_goods",
    "orders": "backorders.place_order",
}


@require_http_methods(["GET", "POST"])
@permission_required("backorders.import_csv", raise_exception=True)
def imports(request: StaffRequest) -> HttpResponse:
    kinds = [kind for kind in KINDS if kind in NEEDED and request.user.has_perm(NEEDED[kind])]
    if not kinds:
        raise PermissionDenied
    mappings = [name for kind in kinds for name in presets(kind)]
    form = ImportForm(request.POST or None, request.FILES or None, kinds=kinds, mappings=mappings)
    context: dict[str, object] = {"form": form, "columns": _columns(kinds)}
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form, "file"):
            report = _import(request, form)
            shown = sorted(report.rejects)[:MOST_SHOWN]
            context |= {
                "report": report,
                "figures": report.as_json(),
                "rejects": [(line, report.rejects[line]) for line in shown],
                "more_rejects": report.rejected - len(shown),
                "rejects_token": _keep_rejects(request, form, report),
            }
    return render(request, "backorders/desk/imports/imports.html", context)


@require_GET
@permission_required("backorders.import_csv", raise_exception=True)
def rejects(request: StaffRequest, token: str) -> HttpResponse:
    """The rows that an import of this person did not take; kept for an hour."""
    content = cache.get(_cache_key(request, token))
    if content is None:
        raise Http404("Rejected rows are kept for one hour. Import the file again to get them.")
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition_header(True, "rejects.csv") or ""
    response.headers["Cache-Control"] = "no-store"
    return response


def _import(request: StaffRequest, form: ImportForm) -> Report:
    chosen = form.cleaned_data
    mapping = find_mapping(chosen["mapping"], chosen["kind"])
    job = Job(
        by=request.user,
        now=timezone.now(),
        source=chosen["source"] or mapping.source or "csv",
        mapping=mapping,
        dry_run=chosen["dry_run"],
        strict=chosen["strict"],
        limits=UPLOAD_LIMITS,
    )
    return import_file(chosen["kind"], chosen["file"].file, job)


def _keep_rejects(request: StaffRequest, form: ImportForm, report: Report) -> str:
    """A token for the download; blank where there is nothing to fetch."""
    if not report.rejected:
        return ""
    chosen = form.cleaned_data
    text = io.StringIO(newline="")
    write_rejects(report, chosen["file"].file, text, encoding=find_mapping(chosen["mapping"], chosen["kind"]).encoding)
    token = secrets.token_urlsafe(16)
    cache.set(_cache_key(request, token), text.getvalue(), REJECTS_KEPT_SECONDS)
    return token


def _cache_key(request: StaffRequest, token: str) -> str:
    return f"import-rejects:{request.user.pk}:{token}"


def _columns(kinds: Iterable[str]) -> list[tuple[str, list[str], list[str]]]:
    """Of each kind: its name, its required and its other columns."""
    return [
        (
            kind.name,
            [column.name for column in kind.columns if column.required],
            [column.name for column in kind.columns if not column.required and column.name not in ONLY_FOR_MAPPINGS],
        )
        for kind in map(KINDS.__getitem__, kinds)
    ]
