"""Approve on a product's page what may be offered in its place."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from config.lib.replies import refusals_beside
from config.lib.requests import StaffRequest
from inventory.desk.forms.products import SubstituteForm
from inventory.models import Product, Substitute
from inventory.products.substitutes import approve_substitute, withdraw_substitute


@permission_required("inventory.add_substitute", raise_exception=True)
def approve(request: StaffRequest, product_id: int) -> HttpResponse:
    product = get_object_or_404(Product, pk=product_id)
    form = SubstituteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with refusals_beside(form, "substitute"):
            pair = approve_substitute(
                product_id=product.pk,
                substitute_id=said["substitute"].pk,
                units=said["units"],
                per=said["per"],
                rank=said["rank"],
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, f"{pair} may be offered. Customers must agree.")
            return redirect(product)
    return render(
        request,
        "inventory/desk/substitute.html",
        {"product": product, "form": form},
        status=422 if form.errors else 200,
    )


@require_POST
@permission_required("inventory.change_substitute", raise_exception=True)
def withdraw(request: StaffRequest, pair_id: int) -> HttpResponse:
    pair = withdraw_substitute(pair_id=get_object_or_404(Substitute, pk=pair_id).pk)
    messages.success(request, f"{pair.substitute.sku} is not offered any more.")
    return redirect(pair.product)
