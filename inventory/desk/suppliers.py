from django.contrib.auth.decorators import permission_required
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from config.lib.charts import Series, columns
from config.lib.keyset import keyset_page
from config.lib.replies import saved_or_shown
from config.lib.requests import StaffRequest
from config.lib.text import counted
from inventory.desk.forms.suppliers import ExistingSupplierForm, SupplierForm
from inventory.lead_times.queries.lead_times import lead_times_told
from inventory.models import Supplier
from inventory.purchasing.queries import figures_of
from inventory.suppliers.filters import SupplierFilters
from inventory.suppliers.queries.scorecards import scorecards
from inventory.suppliers.queries.suppliers import late_lines, open_lines_of, open_orders, punctuality, suppliers_by_code

OPTIONS_SHOWN = 12
OFFERS_SHOWN = 200


@require_GET
@permission_required("inventory.view_supplier", raise_exception=True)
def suppliers(request: StaffRequest) -> HttpResponse:
    filters = SupplierFilters(request.GET, suppliers_by_code())
    page = keyset_page(filters.qs, order=["code_key"], query=request.GET)
    ids, today = [supplier.pk for supplier in page.rows], timezone.localdate()
    figures, cards = open_lines_of(ids, today=today), scorecards(ids, today=today)
    rows = [(supplier, figures[supplier.pk], cards[supplier.pk]) for supplier in page.rows]
    context = {"form": filters.form, "page": page, "rows": rows, "total": filters.qs.count()}
    return render(request, "inventory/desk/suppliers.html", context)


@require_GET
@permission_required("inventory.view_supplier", raise_exception=True)
def options(request: StaffRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    matches = [
        {"value": supplier.code, "label": supplier.name, "note": counted(supplier.lead_time_days, "day")}
        for supplier in Supplier.objects.active().found_by(text).order_by(Lower("code"))[:OPTIONS_SHOWN]
    ]
    return render(request, "_components/typeahead_options.html", {"options": matches})


@require_GET
@permission_required("inventory.view_supplier", raise_exception=True)
def supplier(request: StaffRequest, supplier_id: int) -> HttpResponse:
    shown = get_object_or_404(Supplier, pk=supplier_id)
    today = timezone.localdate()
    orders = list(open_orders(shown))
    figures = figures_of(orders, today=today)
    record = punctuality(shown.pk)
    return render(
        request,
        "inventory/desk/supplier.html",
        {
            "supplier": shown,
            "today": today,
            "orders": [(order, figures[order.pk]) for order in orders],
            "outstanding": sum(row.outstanding for row in figures.values()),
            "late": late_lines(shown.pk, today=today),
            "punctuality": record,
            "lead_times": lead_times_told(shown),
            "on_time_note": f"n = {record.n:,} receipt lines, first confirmed date",
            "median_early": abs(record.median_days or 0),
            "chart": columns(
                title="Receipts against the first confirmed date",
                unit="receipt lines",
                categories=[label for label, _ in record.groups],
                series=[Series("Receipt lines", [times for _, times in record.groups])],
            )
            if record.n
            else None,
            "offers": shown.supplier_products.select_related("product").order_by("product__sku")[:OFFERS_SHOWN],
        },
    )


@permission_required("inventory.add_supplier", raise_exception=True)
def new_supplier(request: StaffRequest) -> HttpResponse:
    return saved_or_shown(
        request, SupplierForm(request.POST or None), "inventory/desk/supplier_form.html", done="was added"
    )


@permission_required("inventory.change_supplier", raise_exception=True)
def edit_supplier(request: StaffRequest, supplier_id: int) -> HttpResponse:
    supplier = get_object_or_404(Supplier, pk=supplier_id)
    form = ExistingSupplierForm(request.POST or None, instance=supplier)
    return saved_or_shown(request, form, "inventory/desk/supplier_form.html", done="was saved", supplier=supplier)
