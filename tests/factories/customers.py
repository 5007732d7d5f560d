import factory
from factory.django import DjangoModelFactory

from customers.models import Contact, Customer, CustomerTier


class CustomerTierFactory(DjangoModelFactory):
    """The five tiers come with a migration, so a known code is that row."""

    class Meta:
        model = CustomerTier
        django_get_or_create = ("code",)

    code = "standard"
    name = factory.LazyAttribute(lambda tier: tier.code.title())
    rank = factory.Sequence(lambda n: 100 + n)


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = Customer
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"C{n:05}")
    name = factory.Sequence(lambda n: f"Vogel Werkzeuge {n}")
    email = factory.LazyAttribute(lambda customer: f"{customer.code.lower()}@example.com")
    tier = factory.SubFactory(CustomerTierFactory)


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact

    customer = factory.SubFactory(CustomerFactory)
    name = factory.Sequence(lambda n: f"Contact {n}")
    email = factory.Sequence(lambda n: f"contact{n}@example.com")
