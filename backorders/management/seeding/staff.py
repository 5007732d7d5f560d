"""The people at the desk: one login per role, for trying things out on this machine only."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User

from config.demo import DEMO_LOGINS, DEMO_PASSWORD

NAMES = {
    "admin": ("Petra", "Sommer"),
    "planner": ("Henrik", "Dahl"),
    "approver": ("Ingrid", "Larsson"),
    "desk": ("Hanna", "Vogel"),
    "warehouse": ("Mehmet", "Aydin"),
    "buyer": ("Clara", "Jensen"),
    "viewer": ("Paul", "Richter"),
}


def hire_staff() -> dict[str, User]:
    """The demo users by login. Where the desk answers others than this machine they get no password that is known."""
    password = make_password(DEMO_PASSWORD if settings.SITE_IS_LOCAL else None)
    return {login: _hire(login, role, password) for login, role in DEMO_LOGINS.items()}


def _hire(login: str, role: str, password: str) -> User:
    first_name, family = NAMES[login]
    is_admin = role == "administrator"
    user, is_new = User.objects.get_or_create(
        username=login,
        defaults={
            "first_name": first_name,
            "last_name": family,
            "email": f"{first_name}.{family}@backorder-desk.example".lower(),
            "password": password,
            "is_staff": is_admin,
            "is_superuser": is_admin,
        },
    )
    if is_new:
        user.groups.add(Group.objects.get(name=role))
    return user
