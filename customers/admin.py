from django.contrib import admin

from config.lib.admin import MasterDataAdmin
from customers.models import Contact, Customer, CustomerTier, JurisdictionProfile


class ContactInline(admin.TabularInline):
    model = Contact
    extra = 0


@admin.register(CustomerTier)
class CustomerTierAdmin(MasterDataAdmin):
    list_display = ("rank", "code", "name")
    search_fields = ("code", "name")
    ordering = ("rank",)


@admin.register(Customer)
class CustomerAdmin(MasterDataAdmin):
    list_display = ("code", "name", "tier", "email", "language", "country", "ship_complete", "active")
    list_filter = ("active", "tier", "language", "ship_complete", "jurisdiction")
    list_select_related = ("tier",)
    search_fields = ("code", "name", "email")
    inlines = (ContactInline,)


@admin.register(JurisdictionProfile)
class JurisdictionProfileAdmin(MasterDataAdmin):
    """Data, not code: another country's rule is another row. No legal advice."""

    list_display = ("name", "code", "applicable_days", "credit_days", "consent_days", "refund_working_days", "active")
    search_fields = ("code", "name")
