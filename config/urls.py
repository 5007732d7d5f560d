"""Every address of the desk."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from config.lib import health

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
    path("", include("backorders.urls")),
    path("", include("inventory.urls")),
    path("customers/", include("customers.urls")),
    path("messages/", include("notifications.urls")),
]
