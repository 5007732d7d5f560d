from django import forms

from config.lib.forms import MasterDataForm, TimeZoneField
from customers.models import Contact, Customer, CustomerTier, JurisdictionProfile


def _profiles() -> list[tuple[str, str]]:
    profiles = JurisdictionProfile.objects.filter(active=True).order_by("name")
    return [("", "None"), *profiles.values_list("code", "name")]


class CustomerForm(MasterDataForm):
    unique_fields = {"code": "Another customer has this code."}

    tier = forms.ModelChoiceField(CustomerTier.objects.order_by("rank"), empty_label=None)
    time_zone = TimeZoneField(initial="UTC")
    jurisdiction = forms.ChoiceField(
        choices=_profiles, required=False, help_text="Whose delay-notice rules protect this customer."
    )

    class Meta:
        model = Customer
        fields = [
            "code", "name", "email", "tier", "language", "time_zone", "country",
            "jurisdiction", "ship_complete", "active",
        ]  # fmt: skip
        help_texts = {
            "email": "Where order emails go; without one nothing is sent.",
        }


class ExistingCustomerForm(CustomerForm):
    """Orders and emails know a customer by the code, so it stays."""

    class Meta(CustomerForm.Meta):
        fields = [field for field in CustomerForm.Meta.fields if field != "code"]

    unique_fields = {}


class ContactForm(MasterDataForm):
    class Meta:
        model = Contact
        fields = ["name", "email", "phone"]
        widgets = {
            "name": forms.TextInput(attrs={"aria-label": "Name"}),
            "email": forms.TextInput(attrs={"aria-label": "Email", "inputmode": "email"}),
            "phone": forms.TextInput(attrs={"aria-label": "Phone", "inputmode": "tel"}),
        }


ContactForms = forms.inlineformset_factory(Customer, Contact, form=ContactForm, extra=1, max_num=20, absolute_max=20)
