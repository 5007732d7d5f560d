"""Products and stock under /inventory/, purchase orders and suppliers under /purchasing/."""

from django.urls import path

from inventory.desk import answers, products, purchase_lines, purchase_orders, scorecards, stock, substitutes, suppliers

app_name = "inventory"
inventory_patterns = [
    path("inventory/products/", products.products, name="products"),
    path("inventory/products/new/", products.new_product, name="new-product"),
    path("inventory/products/options/", products.options, name="product-options"),
    path("inventory/products/<int:product_id>/", products.product, name="product"),
    path("inventory/products/<int:product_id>/edit/", products.edit_product, name="edit-product"),
    path("inventory/products/<int:product_id>/substitutes/", substitutes.approve, name="approve-substitute"),
    path("inventory/substitutes/<int:pair_id>/withdraw/", substitutes.withdraw, name="withdraw-substitute"),
    path("inventory/stock/transfer/", stock.transfer, name="transfer"),
]
purchasing_patterns = [
    path("purchasing/", purchase_orders.purchase_orders, name="purchase-orders"),
    path("purchasing/new/", purchase_orders.new_purchase_order, name="new-purchase-order"),
    path("purchasing/<int:purchase_order_id>/", purchase_orders.purchase_order, name="purchase-order"),
    path("purchasing/<int:purchase_order_id>/send/", purchase_orders.send, name="send-purchase-order"),
    path("purchasing/<int:purchase_order_id>/confirm/", purchase_orders.confirm, name="confirm-purchase-order"),
    path("purchasing/<int:purchase_order_id>/close/", purchase_orders.close, name="close-purchase-order"),
    path("purchasing/<int:purchase_order_id>/cancel/", purchase_orders.cancel, name="cancel-purchase-order"),
    path("purchasing/<int:purchase_order_id>/resend/", answers.resend, name="resend-purchase-order"),
    path("purchasing/answers/", answers.answers, name="answers"),
    path("purchasing/links/<int:link_id>/revoke/", answers.revoke, name="revoke-link"),
    path("purchasing/settings/", answers.purchasing_settings, name="purchasing-settings"),
    path("purchasing/lines/<int:line_id>/ask/", answers.ask, name="ask-supplier"),
    path("purchasing/lines/<int:line_id>/date/", purchase_lines.change_date, name="change-confirmed-date"),
    path("purchasing/lines/<int:line_id>/cancel/", purchase_lines.cancel_line, name="cancel-purchase-line"),
    path("purchasing/suppliers/", suppliers.suppliers, name="suppliers"),
    path("purchasing/suppliers/new/", suppliers.new_supplier, name="new-supplier"),
    path("purchasing/suppliers/options/", suppliers.options, name="supplier-options"),
    path("purchasing/suppliers/<int:supplier_id>/", suppliers.supplier, name="supplier"),
    path("purchasing/suppliers/scorecards.csv", scorecards.export_scorecards, name="export-scorecards"),
    path("purchasing/suppliers/<int:supplier_id>/scorecard/", scorecards.scorecard, name="scorecard"),
    path("purchasing/suppliers/<int:supplier_id>/receipts/", scorecards.receipts, name="supplier-receipts"),
    path(
        "purchasing/suppliers/<int:supplier_id>/receipts/export.csv",
        scorecards.export_receipts,
        name="export-supplier-receipts",
    ),
    path("purchasing/suppliers/<int:supplier_id>/edit/", suppliers.edit_supplier, name="edit-supplier"),
]
urlpatterns = [*inventory_patterns, *purchasing_patterns]
