from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from config.lib.charts import steps
from config.lib.keyset import keyset_page
from config.lib.replies import saved_or_shown
from config.lib.requests import StaffRequest
from config.lib.template_tags import quantity
from inventory.desk.forms.products import ExistingProductForm, ProductForm
from inventory.models import Product
from inventory.products.filters import ProductFilters
from inventory.stock.queries import (
    Projection,
    incoming_lines,
    product_options,
    products_by_sku,
    projected_availability,
    stock_by_warehouse,
    stock_ledger,
    stock_of,
)


@require_GET
@permission_required("inventory.view_product", raise_exception=True)
def products(request: StaffRequest) -> HttpResponse:
    filters = ProductFilters(request.GET, products_by_sku())
    page = keyset_page(filters.qs, order=["sku_key"], query=request.GET)
    stock = stock_of(product.pk for product in page.rows)
    return render(
        request,
        "inventory/desk/products.html",
        {
            "form": filters.form,
            "page": page,
            "rows": [(product, stock[product.pk]) for product in page.rows],
            "total": filters.qs.count(),
            "today": timezone.localdate(),
        },
    )


@require_GET
@permission_required("inventory.view_product", raise_exception=True)
def options(request: StaffRequest) -> HttpResponse:
    """What the typeahead of every form offers: SKU, name, free units."""
    matches = [
        {"value": product.sku, "label": product.name, "note": f"{quantity(free)} free"}
        for product, free in product_options(request.GET.get("q", "").replace("\0", "").strip()[:100])
    ]
    return render(request, "_components/typeahead_options.html", {"options": matches})


@require_GET
@permission_required("inventory.view_product", raise_exception=True)
def product(request: StaffRequest, product_id: int) -> HttpResponse:
    shown = get_object_or_404(Product.objects.select_related("category"), pk=product_id)
    today = timezone.localdate()
    incoming = incoming_lines(shown.pk)
    warehouses = stock_by_warehouse(shown.pk, incoming)
    projections = projected_availability(warehouses, incoming, today=today)
    return render(
        request,
        "inventory/desk/product.html",
        {
            "product": shown,
            "today": today,
            "warehouses": warehouses,
            "on_hand": sum(row.stock.on_hand for row in warehouses),
            "reserved": sum(row.stock.reserved for row in warehouses),
            "available": sum(row.stock.available for row in warehouses),
            "incoming_units": sum(line.outstanding for line in incoming),
            "incoming": incoming,
            "projections": [(projection, _chart(projection, shown.unit)) for projection in projections],
            "uncounted": sum(projection.uncounted for projection in projections),
            "offers": shown.supplier_products.select_related("supplier").order_by("rank", "pk"),
            "substitutes": shown.substitutes.offered().select_related("substitute"),
            "ledger": keyset_page(stock_ledger(shown.pk), order=["-pk"], query=request.GET, fragment="#ledger"),
        },
    )


def _chart(projection: Projection, unit: str):
    return steps(title=projection.warehouse.code, points=projection.points, unit=unit, name="free units")


@permission_required("inventory.add_product", raise_exception=True)
def new_product(request: StaffRequest) -> HttpResponse:
    return saved_or_shown(
        request, ProductForm(request.POST or None), "inventory/desk/product_form.html", done="was added"
    )


@permission_required("inventory.change_product", raise_exception=True)
def edit_product(request: StaffRequest, product_id: int) -> HttpResponse:
    product = get_object_or_404(Product, pk=product_id)
    form = ExistingProductForm(request.POST or None, instance=product)
    return saved_or_shown(request, form, "inventory/desk/product_form.html", done="was saved", product=product)
