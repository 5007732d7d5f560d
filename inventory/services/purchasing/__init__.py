"""Purchase orders, from the draft to the last unit; `ordering` → `dates` (`splitting`) → `receiving` → `ending`."""

from inventory.services.purchasing.dates import change_confirmed_date, confirm_purchase_order
from inventory.services.purchasing.ending import cancel_purchase_line, cancel_purchase_order, close_purchase_order
from inventory.services.purchasing.ordering import NewPurchaseLine, create_purchase_order, send_purchase_order
from inventory.services.purchasing.receiving import receive_purchase_order
from inventory.services.purchasing.splitting import split_purchase_line

__all__ = [
    "NewPurchaseLine",
    "cancel_purchase_line",
    "cancel_purchase_order",
    "change_confirmed_date",
    "close_purchase_order",
    "confirm_purchase_order",
    "create_purchase_order",
    "receive_purchase_order",
    "send_purchase_order",
    "split_purchase_line",
]
