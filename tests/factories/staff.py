import factory
from django.contrib.auth.models import Permission, User
from factory.django import DjangoModelFactory


class StaffFactory(DjangoModelFactory):
    """A person at the desk; nobody may do anything until `staff_with` says so."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"staff{n}")
    first_name = "Hannah"
    last_name = "Vogel"


def staff_with(*permissions: str) -> User:
    """A person with exactly these permissions, written as `app.codename`."""
    person = StaffFactory()
    for permission in permissions:
        app, _, codename = permission.partition(".")
        person.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return person
