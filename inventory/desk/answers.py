"""The talk with suppliers from our side: the inbox, writing again, asking, calling a link back, the settings."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from config.lib.keyset import keyset_page
from config.lib.replies import refusals_told
from config.lib.requests import StaffRequest
from inventory.desk.forms.answers import AskSupplierForm, PurchasingSettingsForm
from inventory.models import PurchaseOrder, PurchaseOrderLine, PurchasingSettings, SupplierLink
from inventory.suppliers.ask import SupplierWish, ask_supplier, resend_purchase_order
from inventory.suppliers.filters import AnswerFilters
from inventory.suppliers.links import revoke_link
from inventory.suppliers.queries.answers import answer_inbox


@require_GET
@permission_required("inventory.view_supplieranswer", raise_exception=True)
def answers(request: StaffRequest) -> HttpResponse:
    filters = AnswerFilters(request.GET, answer_inbox())
    page = keyset_page(filters.qs, order=["-pk"], query=request.GET)
    context = {"form": filters.form, "page": page, "total": filters.qs.count()}
    return render(request, "inventory/desk/answers.html", context)


@require_POST
@permission_required("inventory.send_purchaseorder", raise_exception=True)
def resend(request: StaffRequest, purchase_order_id: int) -> HttpResponse:
    order = get_object_or_404(PurchaseOrder.objects.select_related("supplier"), pk=purchase_order_id)
    with refusals_told(request):
        resend_purchase_order(purchase_order_id=order.pk, by=request.user, now=timezone.now())
        messages.success(request, f"{order} will be emailed to {order.supplier.email} again.")
    return redirect(order)


@require_POST
@permission_required("inventory.send_purchaseorder", raise_exception=True)
def ask(request: StaffRequest, line_id: int) -> HttpResponse:
    """One question about one line; then back to where the button was."""
    line = get_object_or_404(
        PurchaseOrderLine.objects.select_related("purchase_order__supplier", "product"), pk=line_id
    )
    form = AskSupplierForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return _back(request, line)
    wish = SupplierWish(line.pk, form.cleaned_data["wished_on"], form.cleaned_data["note"])
    with refusals_told(request):
        ask_supplier(purchase_order_id=line.purchase_order_id, wishes=[wish], by=request.user, now=timezone.now())
        supplier = line.purchase_order.supplier
        messages.success(request, f"{supplier.name} is asked about {line.product.sku} of {line.purchase_order}.")
    return _back(request, line)


def _back(request: StaffRequest, line: PurchaseOrderLine) -> HttpResponse:
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return redirect(address)
    return redirect(line.purchase_order)


@require_POST
@permission_required("inventory.send_purchaseorder", raise_exception=True)
def revoke(request: StaffRequest, link_id: int) -> HttpResponse:
    link = get_object_or_404(SupplierLink.objects.select_related("purchase_order"), pk=link_id)
    with refusals_told(request):
        revoke_link(link_id=link.pk, by=request.user, now=timezone.now())
        messages.success(request, f"The link sent to {link.sent_to or 'nobody'} was revoked.")
    return redirect(link.purchase_order)


@permission_required("inventory.view_purchasingsettings", raise_exception=True)
def purchasing_settings(request: StaffRequest) -> HttpResponse:
    form = PurchasingSettingsForm(request.POST or None, instance=PurchasingSettings.objects.get())
    if request.method == "POST":
        if not request.user.has_perm("inventory.change_purchasingsettings"):
            return HttpResponse(
                "You don't have permission to change the settings.", status=403, content_type="text/plain"
            )
        if form.is_valid():
            form.save()
            messages.success(request, "Settings saved.")
            return redirect("inventory:purchasing-settings")
    return render(request, "inventory/desk/purchasing_settings.html", {"form": form})
