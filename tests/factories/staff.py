import factory
from allauth.mfa.totp.internal import auth
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission, User
from factory.django import DjangoModelFactory

PASSWORD = "a-long-enough-word"
TOTP_SECRET = "JBSWY3DPEHPK3PXP"


class StaffFactory(DjangoModelFactory):
    """A person at the desk; nobody may do anything until `staff_with` says so."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"staff{n}")
    first_name = "Hannah"
    last_name = "Vogel"
    password = factory.LazyFunction(lambda: make_password(PASSWORD))


def staff_with(*permissions: str) -> User:
    """A person with exactly these permissions, written as `app.codename`."""
    person = StaffFactory()
    for permission in permissions:
        app, _, codename = permission.partition(".")
        person.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return person


def set_up_factor(person: User) -> User:
    """From now on each sign-in asks for a `totp_code`."""
    auth.TOTP.activate(person, TOTP_SECRET)
    return person


def totp_code(secret: str = TOTP_SECRET) -> str:
    return auth.format_hotp_value(auth.hotp_value(secret, next(auth.yield_hotp_counters_from_time())))
