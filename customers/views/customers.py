from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from config.lib.keyset import keyset_page
from config.lib.requests import StaffRequest
from customers.forms import ContactForms, CustomerFilterForm, CustomerForm, ExistingCustomerForm
from customers.models import Customer
from customers.queries.customers import customer_options, customers_by_code


@require_GET
@permission_required("customers.view_customer", raise_exception=True)
def customers(request: StaffRequest) -> HttpResponse:
    form = CustomerFilterForm(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    found = customers_by_code(
        text=wanted.get("q", ""),
        tier_id=wanted["tier"].pk if wanted.get("tier") else None,
        active=not wanted.get("inactive"),
    )
    page = keyset_page(found, order=["code_key"], query=request.GET)
    return render(request, "customers/customers.html", {"form": form, "page": page, "total": found.count()})


@require_GET
@permission_required("customers.view_customer", raise_exception=True)
def options(request: StaffRequest) -> HttpResponse:
    """What the typeahead of every form offers: code, name, tier."""
    found = [
        {"value": customer.code, "label": customer.name, "note": customer.tier.name}
        for customer in customer_options(request.GET.get("q", "").replace("\0", "").strip()[:100])
    ]
    return render(request, "_components/typeahead_options.html", {"options": found})


@require_GET
@permission_required("customers.view_customer", raise_exception=True)
def customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    shown = get_object_or_404(Customer.objects.select_related("tier"), pk=customer_id)
    contacts = shown.contacts.order_by("name", "pk")
    return render(request, "customers/customer.html", {"customer": shown, "contacts": contacts})


@permission_required("customers.add_customer", raise_exception=True)
def new_customer(request: StaffRequest) -> HttpResponse:
    form = CustomerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"{form.instance} is a customer now.")
        return redirect(form.instance)
    return render(request, "customers/customer_form.html", {"form": form})


@permission_required("customers.change_customer", raise_exception=True)
def edit_customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    shown = get_object_or_404(Customer, pk=customer_id)
    form = ExistingCustomerForm(request.POST or None, instance=shown)
    contacts = ContactForms(request.POST or None, instance=shown, prefix="contacts")
    if request.method == "POST" and form.is_valid() and contacts.is_valid():
        with transaction.atomic():
            form.save()
            contacts.save()
        messages.success(request, f"{form.instance} is changed.")
        return redirect(form.instance)
    return render(request, "customers/customer_form.html", {"form": form, "contacts": contacts, "customer": shown})
