"""Booking a delivery."""

from collections.abc import Iterable
from typing import Any

from django import forms

from config.lib.forms import OneLineField
from config.lib.numbers import QuantityField
from inventory.models import PurchaseOrderLine


class ReceiveForm(forms.Form):
    """One quantity per line, pre-filled with what is outstanding; blank or 0: nothing of it came."""

    reference = OneLineField(
        max_length=80, label="Delivery note no.", help_text="Delivery note number. It prevents double booking."
    )

    def __init__(self, *args: Any, lines: Iterable[PurchaseOrderLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {line.pk: f"quantity-{line.pk}" for line in lines}
        for line in lines:
            field = QuantityField(least=0, initial=line.outstanding, required=False)
            field.widget.attrs |= {"aria-label": f"Units of {line.product.sku} that came", "form": "receive"}
            self.fields[self.names[line.pk]] = field

    @property
    def quantities(self) -> dict[int, int]:
        return {line_id: self.cleaned_data[name] or 0 for line_id, name in self.names.items()}
