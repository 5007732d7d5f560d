"""Every address of the desk."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from config.lib import accounts, health, pages
from notifications.urls import public as public_mail_pages

handler429 = accounts.too_many_tries  # where allauth looks for it

# Of allauth's pages: an administrator makes the accounts and sets their addresses.
UNWANTED = ("signup/", "email/", "confirm-email/", "password/set/", "inactive/")

urlpatterns = [
    path("favicon.ico", pages.favicon, name="favicon"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("help/words/", pages.words, name="words"),
    *(path(f"accounts/{unwanted}", pages.not_here) for unwanted in UNWANTED),
    path("accounts/", include("allauth.urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
    path("", include("backorders.urls")),
    path("", include("inventory.urls")),
    path("customers/", include("customers.urls")),
    path("messages/", include("notifications.urls")),
    path("t/", include("backorders.tracking.urls")),
    path("m/", include(public_mail_pages)),
    path("s/", include("inventory.portal.urls")),
]

if settings.METRICS_ENABLED:
    from django_prometheus.exports import ExportToDjangoView

    # Prometheus cannot log in, so whoever reaches the web server reads the figures: the proxy must keep strangers out.
    urlpatterns.append(path("metrics", login_not_required(ExportToDjangoView), name="metrics"))
