"""What a staff view may rely on: it stands behind the login, so there is a person."""

from django.contrib.auth.models import User
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class StaffRequest(HttpRequest):
    """For annotations only: the type of `request` in every view that is not public."""

    user: User
    htmx: HtmxDetails
