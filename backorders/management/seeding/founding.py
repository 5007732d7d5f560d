"""How the distributor starts: warehouses, price list, suppliers and their offers, customers and their contacts."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from backorders.management.seeding.buying import TURNS
from backorders.management.seeding.catalogue import Article, articles
from backorders.management.seeding.partners import PARTNERS, Partner
from backorders.management.seeding.people import DemoBuyer, buyers
from backorders.management.seeding.sizes import Size
from backorders.management.seeding.staff import hire_staff
from backorders.management.seeding.world import Client, Item, World
from backorders.models import DeskSettings
from customers.models import Contact, Customer
from customers.services.saving import save_customers
from inventory.enums import BackorderPolicy
from inventory.models import Product, Supplier, Warehouse
from inventory.products.master_data import save_products, save_supplier_products, save_suppliers

CENT = Decimal("0.01")
APPETITES = {"platinum": 6.0, "gold": 3.5, "silver": 2.0, "standard": 1.0, "basic": 0.5}


def found_company(*, seed: int, size: Size, today: date) -> World:
    dice = Random(f"{seed}/founding")
    DeskSettings.objects.update(order_cycle_days=TURNS)  # so often the buyers look at each supplier
    warehouses = _build_warehouses()
    price_list = articles(size.products)
    save_products(rows=[_product(article, today, dice) for article in price_list])
    save_suppliers(rows=[_supplier(partner) for partner in PARTNERS])
    offers = [offer for article in price_list for offer in _offers(article, dice)]
    save_supplier_products(rows=offers)
    people = buyers(size.customers, dice)
    save_customers(rows=[_customer(buyer) for buyer in people])
    return World(
        seed=seed,
        size=size,
        staff=hire_staff(),
        warehouses=warehouses,
        items=_items(price_list, offers, dice),
        clients=_clients(people, warehouses, dice),
        partners=_partners(),
    )


def _build_warehouses() -> dict[str, int]:
    """The main one is there from the beginning; it only gets its town."""
    for code, name, preference in (
        ("MAIN", "Hamburg, main warehouse", 1),
        ("SOUTH", "Ulm, southern depot", 2),
        ("NORTH", "Flensburg, cross-border depot", 3),
    ):
        Warehouse.objects.update_or_create(code=code, defaults={"name": name, "preference": preference})
    return dict(Warehouse.objects.order_by("pk").values_list("code", "pk"))


def _product(article: Article, today: date, dice: Random) -> dict[str, Any]:
    policy = dice.choices(list(BackorderPolicy), [6, 22, 72])[0]
    row = {
        "sku": article.sku,
        "name": article.name,
        "category": article.category,
        "unit": article.unit,
        "price": article.price,
        "cost": _cost(article, dice),
        "pack_size": article.pack,
        "backorder_policy": policy,
    }
    if policy != BackorderPolicy.DENY and dice.random() < 0.07:
        row["backorder_limit"] = article.pack * dice.choice([20, 30, 50])
    if policy != BackorderPolicy.DENY and dice.random() < 0.02:
        row["backorder_until"] = today + timedelta(days=dice.randint(20, 90))
    return row


def _cost(article: Article, dice: Random) -> Decimal:
    return (article.price * Decimal(dice.randint(52, 71)) / 100).quantize(CENT)


def _supplier(partner: Partner) -> dict[str, Any]:
    return {
        "code": partner.code,
        "name": partner.name,
        "email": partner.email,
        "lead_time_days": partner.lead_time_days,
        "time_zone": partner.time_zone,
        "over_receipt_percent": partner.over_receipt_percent,
    }


def _offers(article: Article, dice: Random) -> list[dict[str, Any]]:
    """Everybody who makes such goods may offer it; one is preferred, some products have a second source."""
    makers = [partner for partner in PARTNERS if article.category in partner.categories]
    dice.shuffle(makers)
    chosen = makers[: 2 if dice.random() < 0.35 else 1]
    return [
        {
            "supplier": partner.code,
            "sku": article.sku,
            "lead_time_days": max(3, partner.lead_time_days + dice.randint(-2, 3)),
            "minimum_quantity": article.pack * dice.choice([1, 2, 4]),
            "pack_size": article.pack,
            "cost": _cost(article, dice),
            "rank": rank,
        }
        for rank, partner in enumerate(chosen, start=1)
    ]


def _customer(buyer: DemoBuyer) -> dict[str, Any]:
    return {
        "code": buyer.code,
        "name": buyer.name,
        "email": buyer.email,
        "tier": buyer.tier,
        "language": buyer.country.language,
        "time_zone": buyer.time_zone,
        "country": buyer.country.code,
        "ship_complete": buyer.ship_complete,
        "jurisdiction": buyer.country.jurisdiction,
    }


def _items(price_list: list[Article], offers: list[dict[str, Any]], dice: Random) -> list[Item]:
    products = dict(Product.objects.values_list("sku", "pk"))
    suppliers = dict(Supplier.objects.values_list("code", "pk"))
    preferred = {offer["sku"]: offer for offer in offers if offer["rank"] == 1}
    items = []
    for article in price_list:
        offer = preferred[article.sku]
        # A few run every day, many now and then, and half of the list only rarely, but then several at once.
        appeal, times = dice.choices([(9.0, 1), (3.0, 1), (0.7, 3)], [15, 35, 50])[0]
        usual = article.pack * max(1, round(Decimal(75) / (article.price * article.pack))) * times
        supplier_id = suppliers[offer["supplier"]]
        items.append(Item(products[article.sku], article, supplier_id, appeal, usual, offer["lead_time_days"]))
    return items


def _clients(people: list[DemoBuyer], warehouses: dict[str, int], dice: Random) -> list[Client]:
    ids = dict(Customer.objects.values_list("code", "pk"))
    Contact.objects.bulk_create(
        Contact(customer_id=ids[buyer.code], name=buyer.contact, email=buyer.contact_email, phone=buyer.phone)
        for buyer in people
    )
    return [
        Client(
            id=ids[buyer.code],
            email=buyer.email,
            appetite=APPETITES[buyer.tier] * dice.uniform(0.5, 1.5),
            warehouse_id=_served_from(buyer, warehouses, dice),
        )
        for buyer in people
    ]


def _served_from(buyer: DemoBuyer, warehouses: dict[str, int], dice: Random) -> int | None:
    match buyer.country.code:
        case "AT" | "CH":
            return warehouses["SOUTH"]
        case "DK":
            return warehouses["NORTH"]
        case "DE" if dice.random() < 0.15:
            return warehouses["SOUTH"]
        case _:
            return None


def _partners() -> dict[int, Partner]:
    ids = dict(Supplier.objects.values_list("code", "pk"))
    return {ids[partner.code]: partner for partner in PARTNERS}
