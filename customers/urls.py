from django.urls import path

from customers.views import customers

app_name = "customers"
urlpatterns = [
    path("", customers.customers, name="customers"),
    path("new/", customers.new_customer, name="new-customer"),
    path("options/", customers.options, name="customer-options"),
    path("<int:customer_id>/", customers.customer, name="customer"),
    path("<int:customer_id>/emails/", customers.emails, name="customer-emails"),
    path("<int:customer_id>/emails/revoke/", customers.revoke_email_links, name="revoke-email-links"),
    path("<int:customer_id>/edit/", customers.edit_customer, name="edit-customer"),
]
