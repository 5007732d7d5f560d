from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from config.lib.keyset import keyset_page
from config.lib.replies import saved_or_shown
from config.lib.requests import StaffRequest
from customers.forms import ContactForms, CustomerForm, ExistingCustomerForm
from customers.models import Customer
from customers.queries.customers import customer_options, customers_by_code
from customers.queries.filters import CustomerFilters
from notifications.forms import PreferenceForm
from notifications.services.preferences import preference_of, revoke_links, save_preferences


@require_GET
@permission_required("customers.view_customer", raise_exception=True)
def customers(request: StaffRequest) -> HttpResponse:
    filters = CustomerFilters(request.GET, customers_by_code())
    page = keyset_page(filters.qs, order=["code_key"], query=request.GET)
    context = {"form": filters.form, "page": page, "total": filters.qs.count()}
    return render(request, "customers/customers.html", context)


@require_GET
@permission_required("customers.view_customer", raise_exception=True)
def options(request: StaffRequest) -> HttpResponse:
    """What the typeahead of every form offers: code, name, tier."""
    matches = [
        {"value": customer.code, "label": customer.name, "note": customer.tier.name}
        for customer in customer_options(request.GET.get("q", "").replace("\0", "").strip()[:100])
    ]
    return render(request, "_components/typeahead_options.html", {"options": matches})


@require_GET
@permission_required("customers.view_customer", raise_exception=True)
def customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    shown = get_object_or_404(Customer.objects.select_related("tier"), pk=customer_id)
    contacts = shown.contacts.order_by("name", "pk")
    context = {"customer": shown, "contacts": contacts, "preference": preference_of(shown.addressee)}
    return render(request, "customers/customer.html", context)


@permission_required("notifications.change_preference", raise_exception=True)
def emails(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Which emails the customer gets, how often and when; the same that they choose from the link in each email."""
    shown = get_object_or_404(Customer, pk=customer_id)
    form = PreferenceForm(request.POST or None, preference=preference_of(shown.addressee))
    if request.method == "POST" and form.is_valid():
        save_preferences(addressee=shown.addressee, **form.wishes(), by=str(request.user), now=timezone.now())
        messages.success(request, f"Email settings of {shown.name} were saved.")
        return redirect(shown)
    return render(request, "customers/customer_emails.html", {"form": form, "customer": shown})


@require_POST
@permission_required("notifications.change_preference", raise_exception=True)
def revoke_email_links(request: StaffRequest, customer_id: int) -> HttpResponse:
    shown = get_object_or_404(Customer, pk=customer_id)
    revoke_links(addressee=shown.addressee, by=str(request.user), now=timezone.now())
    messages.success(request, "All earlier preference links were revoked.")
    return redirect("customers:customer-emails", shown.pk)


@permission_required("customers.add_customer", raise_exception=True)
def new_customer(request: StaffRequest) -> HttpResponse:
    return saved_or_shown(request, CustomerForm(request.POST or None), "customers/customer_form.html", done="was added")


@permission_required("customers.change_customer", raise_exception=True)
def edit_customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    shown = get_object_or_404(Customer, pk=customer_id)
    form = ExistingCustomerForm(request.POST or None, instance=shown)
    contacts = ContactForms(request.POST or None, instance=shown, prefix="contacts")
    if request.method == "POST" and form.is_valid() and contacts.is_valid():
        with transaction.atomic():
            form.save()
            contacts.save()
        messages.success(request, f"{form.instance} was saved.")
        return redirect(form.instance)
    return render(request, "customers/customer_form.html", {"form": form, "contacts": contacts, "customer": shown})
