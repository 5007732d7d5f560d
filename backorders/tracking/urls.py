from django.urls import path

from backorders.tracking import views

app_name = "tracking"

urlpatterns = [
    path("<str:token>/", views.order, name="order"),
    path("<str:token>/decide/", views.decide, name="decide"),
]
