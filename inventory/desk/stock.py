from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from config.lib.replies import refusals_beside
from config.lib.requests import StaffRequest
from inventory.desk.forms.stock import TransferForm
from inventory.stock.move import transfer_stock


@permission_required("inventory.transfer_stock", raise_exception=True)
def transfer(request: StaffRequest) -> HttpResponse:
    asked = {"product": "product", "from_warehouse": "from", "to_warehouse": "to", "quantity": "quantity"}
    initial = {field: request.GET.get(name, "") for field, name in asked.items()}
    form = TransferForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        moved = form.cleaned_data
        with refusals_beside(form):
            transfer_stock(
                product_id=moved["product"].pk,
                from_warehouse_id=moved["from_warehouse"].pk,
                to_warehouse_id=moved["to_warehouse"].pk,
                quantity=moved["quantity"],
                reason=moved["reason"],
                key=moved["key"],
                by=request.user,
                now=timezone.now(),
            )
            what = f"{moved['quantity']:,} × {moved['product'].sku}"
            messages.success(request, f"{what} moved from {moved['from_warehouse']} to {moved['to_warehouse']}.")
            return redirect(moved["product"])
    return render(request, "inventory/desk/transfer.html", {"form": form})
