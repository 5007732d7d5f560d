from django.urls import path

from inventory.portal import views

app_name = "portal"

urlpatterns = [path("<str:token>/", views.purchase_order, name="purchase-order")]
