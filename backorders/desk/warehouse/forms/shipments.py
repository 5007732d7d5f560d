"""Handing a pick list to the carrier."""

from collections.abc import Iterable
from typing import Any

from django import forms

from backorders.fulfilment.queries.shipments import PickedLine
from config.lib.forms import OneLineField
from config.lib.numbers import QuantityField


class ShipForm(forms.Form):
    """One quantity per line of the pick list, pre-filled with what was to be picked."""

    carrier = OneLineField(max_length=60, required=False)
    tracking_number = OneLineField(max_length=80, required=False)

    def __init__(self, *args: Any, picked: Iterable[PickedLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {row.line_id: f"quantity-{row.line_id}" for row in picked}
        for row in picked:
            field = QuantityField(least=0, initial=row.units, required=False)
            field.widget.attrs |= {"max": row.units, "aria-label": "Units packed", "form": "ship"}
            self.fields[self.names[row.line_id]] = field

    @property
    def quantities(self) -> dict[int, int]:
        return {line_id: self.cleaned_data[name] or 0 for line_id, name in self.names.items()}
