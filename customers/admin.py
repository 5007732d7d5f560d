from django.contrib import admin
from import_export.fields import Field
from import_export.widgets import ForeignKeyWidget

from config.lib.admin import ImportExportAdmin, MasterDataAdmin, MasterDataResource
from customers.models import Contact, Customer, CustomerTier, JurisdictionProfile


class CustomerResource(MasterDataResource):
    tier = Field("tier", "tier", ForeignKeyWidget(CustomerTier, "code"))

    class Meta(MasterDataResource.Meta):
        model = Customer
        import_id_fields = ["code"]
        fields = [
            "code", "name", "email", "tier", "language", "time_zone", "country",
            "ship_complete", "jurisdiction", "active",
        ]  # fmt: skip


class ContactInline(admin.TabularInline):
    model = Contact
    extra = 0


@admin.register(CustomerTier)
class CustomerTierAdmin(MasterDataAdmin):
    list_display = ("rank", "code", "name")
    search_fields = ("code", "name")
    ordering = ("rank",)


@admin.register(Customer)
class CustomerAdmin(ImportExportAdmin):
    resource_classes = [CustomerResource]
    list_display = ("code", "name", "tier", "email", "language", "country", "ship_complete", "active")
    list_filter = ("active", "tier", "language", "ship_complete", "jurisdiction")
    list_select_related = ("tier",)
    search_fields = ("code", "name", "email")
    inlines = (ContactInline,)


@admin.register(Contact)
class ContactAdmin(admin.ModelAdmin):
    list_display = ("name", "customer", "email", "phone")
    list_select_related = ("customer",)
    search_fields = ("name", "email", "customer__code", "customer__name")
    autocomplete_fields = ("customer",)


@admin.register(JurisdictionProfile)
class JurisdictionProfileAdmin(MasterDataAdmin):
    """Data, not code: another country's rule is another row. No legal advice."""

    list_display = ("name", "code", "applicable_days", "credit_days", "consent_days", "refund_working_days", "active")
    search_fields = ("code", "name")
