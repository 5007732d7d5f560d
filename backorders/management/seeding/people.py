"""Who buys: trade customers in five tiers, from several countries, with a contact each; all addresses are made up."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random


@dataclass(frozen=True, slots=True)
class Country:
    code: str
    time_zones: tuple[str, ...]
    language: str
    weight: int
    family_names: tuple[str, ...]
    given_names: tuple[str, ...]
    trades: tuple[str, ...]
    phone: str
    jurisdiction: str = ""


@dataclass(frozen=True, slots=True)
class DemoBuyer:
    code: str
    name: str
    email: str
    tier: str
    country: Country
    time_zone: str
    ship_complete: bool
    contact: str
    contact_email: str
    phone: str


GERMAN_NAMES = tuple(
    "Brandt Vogel Lehmann Petersen Hoffmann Kramer Schuster Winkler Arnold Seidel Böhm Haas Frey".split()
)
GERMAN_GIVEN = tuple("Anna Jonas Katharina Lukas Miriam Stefan Julia Tobias Sabine Florian".split())
GERMAN_TRADES = (
    "Elektrotechnik GmbH",
    "Baubedarf GmbH & Co. KG",
    "Werkzeughandel GmbH",
    "Haustechnik GmbH",
    "Gartenbau GmbH",
    "Montageservice GmbH",
)
COUNTRIES = (
    Country("DE", ("Europe/Berlin",), "de", 40, GERMAN_NAMES, GERMAN_GIVEN, GERMAN_TRADES, "+49 30 23125 {:03}"),
    Country(
        "AT",
        ("Europe/Vienna",),
        "de",
        10,
        ("Gruber", "Pichler", "Steiner", "Moser", "Leitner", "Egger"),
        ("Johanna", "Markus", "Eva", "Lorenz"),
        ("Installationen GmbH", "Baustoffe GmbH", "Elektro GmbH"),
        "+43 1 5550 {:03}",
    ),
    Country(
        "CH",
        ("Europe/Zurich",),
        "de",
        8,
        ("Keller", "Zürcher", "Baumann", "Graf", "Meier"),
        ("Nina", "Reto", "Simone", "Beat"),
        ("Gebäudetechnik AG", "Werkzeuge AG", "Bau AG"),
        "+41 44 555 0{:03}",
    ),
    Country(
        "GB",
        ("Europe/London",),
        "en",
        22,
        ("Ashworth", "Harrow", "Pemberton", "Calder", "Whitfield", "Marlow", "Thornton", "Redfern"),
        ("Emma", "Oliver", "Priya", "George", "Charlotte", "Callum"),
        ("Building Supplies Ltd", "Electrical Ltd", "Facilities plc", "Tool Hire Ltd"),
        "+44 20 7946 0{:03}",
    ),
    Country(
        "IE",
        ("Europe/Dublin",),
        "en",
        4,
        ("Brennan", "Kinsella", "Doyle"),
        ("Aoife", "Conor", "Niamh"),
        ("Hardware Ltd", "Contracting Ltd"),
        "+353 1 555 0{:03}",
    ),
    Country(
        "US",
        ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
        "en",
        12,
        ("Caldwell", "Monroe", "Whitaker", "Delgado", "Sutton", "Hayes"),
        ("Megan", "Carlos", "Ashley", "Brian"),
        ("Electric Supply Inc.", "Contractors LLC", "Hardware Co.", "Farm & Garden Inc."),
        "+1 202 555 0{:03}",
        "us-mail-order",
    ),
    Country(
        "NL",
        ("Europe/Amsterdam",),
        "en",
        9,
        ("De Vries", "Van Dijk", "Bakker", "Visser"),
        ("Sanne", "Daan", "Femke", "Bram"),
        ("Installatie B.V.", "Bouwmaterialen B.V.", "Techniek B.V."),
        "+31 20 555 0{:03}",
    ),
    Country(
        "DK",
        ("Europe/Copenhagen",),
        "en",
        5,
        ("Kjær", "Lund", "Østergaard"),
        ("Freja", "Mads", "Signe"),
        ("El-Service A/S", "Byg ApS"),
        "+45 5550 0{:03}",
    ),
    Country(
        "FR",
        ("Europe/Paris",),
        "en",
        6,
        ("Lefèvre", "Moreau", "Garnier"),
        ("Camille", "Hugo", "Élodie"),
        ("Matériaux SARL", "Électricité SAS"),
        "+33 1 99 00 0{:03}",
    ),
    Country(
        "PL",
        ("Europe/Warsaw",),
        "en",
        4,
        ("Kowalska", "Nowak", "Zieliński"),
        ("Agnieszka", "Piotr", "Marta"),
        ("Narzędzia Sp. z o.o.", "Budownictwo Sp. z o.o."),
        "+48 22 555 0{:03}",
    ),
)

# Tier → share of the customers.
TIERS = (("platinum", 8), ("gold", 18), ("silver", 30), ("standard", 44), ("basic", 20))
SHIPS_COMPLETE = 0.08
ONLY_BY_PHONE = 0.1


def buyers(count: int, dice: Random) -> list[DemoBuyer]:
    """So many customers, each name once."""
    names = {country.code: _names(country, dice) for country in COUNTRIES}
    people: list[DemoBuyer] = []
    while len(people) < count:
        country = dice.choices(COUNTRIES, [country.weight for country in COUNTRIES])[0]
        name = next(names[country.code], None)
        if name is not None:
            people.append(_buyer(len(people) + 1, name, country, dice))
    return people


def _names(country: Country, dice: Random) -> Iterator[str]:
    pairs = [" ".join(pair) for pair in product(country.family_names, country.trades)]
    dice.shuffle(pairs)
    return iter(pairs)


def _buyer(number: int, name: str, country: Country, dice: Random) -> DemoBuyer:
    domain = f"{address_part(' '.join(name.split()[:2]))}.example.com"
    first_name, family = dice.choice(country.given_names), dice.choice(country.family_names)
    mailbox = "einkauf" if country.language == "de" else "purchasing"
    return DemoBuyer(
        code=f"C-{10_000 + number * 7}",
        name=name,
        email="" if dice.random() < ONLY_BY_PHONE else f"{mailbox}@{domain}",
        tier=dice.choices([code for code, _ in TIERS], [share for _, share in TIERS])[0],
        country=country,
        time_zone=dice.choice(country.time_zones),
        ship_complete=dice.random() < SHIPS_COMPLETE,
        contact=f"{first_name} {family}",
        contact_email=f"{address_part(first_name)}.{address_part(family)}@{domain}",
        phone=country.phone.format(number),
    )


def address_part(text: str) -> str:
    """Letters, digits and hyphens of `text`, as they may stand in an address."""
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "oe"), ("æ", "ae"), ("ł", "l")):
        text = text.lower().replace(letter, plain)
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")
