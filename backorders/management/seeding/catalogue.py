"""What the distributor of the story sells: families of products, with variants, prices and seasons."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

# Demand by month, January first, against the average month.
ALL_YEAR = (0.9, 0.9, 1.0, 1.1, 1.1, 1.0, 0.9, 0.9, 1.1, 1.1, 1.1, 0.9)
SPRING = (0.3, 0.7, 2.6, 3.0, 2.2, 0.9, 0.5, 0.4, 0.5, 0.4, 0.3, 0.2)
SUMMER = (0.2, 0.2, 0.4, 0.8, 1.8, 2.8, 3.0, 2.0, 0.5, 0.2, 0.1, 0.1)
AUTUMN = (0.7, 0.4, 0.3, 0.3, 0.2, 0.2, 0.4, 1.2, 2.4, 2.9, 2.2, 0.8)
WINTER = (2.6, 1.8, 0.6, 0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 1.2, 2.3, 2.8)


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    unit: str
    price: str
    pack: int
    variants: str
    season: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """A category; its season holds for all families that do not name their own."""

    code: str
    name: str
    season: tuple[float, ...]
    families: tuple[Family, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """One product on the price list."""

    sku: str
    name: str
    category: str
    unit: str
    price: Decimal
    pack: int
    season: tuple[float, ...]


RANGES = (
    Range(
        "HT",
        "Hand tools",
        ALL_YEAR,
        (
            Family("Combination spanner", "pcs", "4.90", 5, "8 mm|10 mm|13 mm|17 mm|19 mm|22 mm|24 mm"),
            Family("Screwdriver, insulated", "pcs", "5.40", 5, "SL 3.5|SL 5.5|PH 1|PH 2|PZ 2|PZ 3"),
            Family("Claw hammer, fibreglass handle", "pcs", "17.90", 1, "450 g|570 g|680 g|roofing 600 g"),
            Family("Combination pliers", "pcs", "14.50", 1, "160 mm|180 mm|200 mm|VDE 180 mm"),
            Family("Water pump pliers", "pcs", "19.80", 1, "180 mm|250 mm|300 mm"),
            Family("Spirit level, aluminium", "pcs", "16.50", 1, "40 cm|60 cm|80 cm|120 cm|180 cm"),
            Family("Tape measure", "pcs", "6.90", 6, "3 m|5 m|8 m|10 m"),
            Family("Socket set 1/4 in", "set", "39.00", 1, "29 pieces|46 pieces|55 pieces"),
            Family("Hand saw, hardpoint", "pcs", "11.90", 4, "400 mm|500 mm|550 mm|folding"),
            Family("Quick clamp", "pcs", "12.40", 2, "150 mm|300 mm|450 mm|600 mm|1000 mm"),
        ),
    ),
    Range(
        "PT",
        "Power tools",
        ALL_YEAR,
        (
            Family("Cordless drill driver", "pcs", "119.00", 1, "12 V|18 V|18 V brushless"),
            Family("Impact driver", "pcs", "139.00", 1, "12 V|18 V|18 V brushless"),
            Family("Angle grinder", "pcs", "79.00", 1, "115 mm|125 mm|125 mm cordless|230 mm"),
            Family("Rotary hammer SDS-plus", "pcs", "149.00", 1, "2.2 J|2.7 J|3.2 J cordless"),
            Family("Circular saw", "pcs", "129.00", 1, "165 mm|190 mm|190 mm cordless"),
            Family("Jigsaw", "pcs", "89.00", 1, "650 W|750 W|18 V|18 V brushless"),
            Family("Orbital sander", "pcs", "69.00", 1, "125 mm|150 mm|delta"),
            Family("Battery pack Li-ion", "pcs", "59.00", 1, "12 V 2.0 Ah|18 V 2.0 Ah|18 V 4.0 Ah|18 V 5.5 Ah"),
            Family("Fast charger", "pcs", "49.00", 1, "12 V|18 V|18 V dual"),
            Family("Mixing drill", "pcs", "165.00", 1, "1200 W|1600 W|1800 W"),
        ),
    ),
    Range(
        "AC",
        "Tool accessories",
        ALL_YEAR,
        (
            Family(
                "Masonry drill bit SDS-plus", "pcs", "3.20", 10, "6 x 110|8 x 160|10 x 160|12 x 210|14 x 260|16 x 310"
            ),
            Family("Twist drill set HSS", "set", "14.90", 1, "13 pieces|19 pieces|25 pieces"),
            Family("Cutting disc, steel", "pcs", "1.35", 25, "115 x 1.0|125 x 1.0|125 x 1.6|180 x 1.6|230 x 2.0"),
            Family("Diamond disc", "pcs", "18.50", 1, "115 mm|125 mm|180 mm|230 mm"),
            Family(
                "Circular saw blade", "pcs", "21.50", 1, "165 mm 24 T|190 mm 30 T|190 mm 48 T|216 mm 60 T|254 mm 80 T"
            ),
            Family("Jigsaw blade, wood", "pack", "6.40", 5, "75 mm|100 mm|132 mm"),
            Family("Sanding disc 125 mm", "pack", "7.90", 10, "P60|P80|P120|P180|P240"),
            Family("Bit set", "set", "9.80", 1, "10 pieces|32 pieces|56 pieces"),
            Family("Hole saw, bi-metal", "pcs", "8.60", 1, "35 mm|51 mm|68 mm|82 mm|105 mm"),
            Family("Tool case, stackable", "pcs", "34.00", 1, "small|medium|large|on wheels"),
        ),
    ),
    Range(
        "FX",
        "Fasteners",
        ALL_YEAR,
        (
            Family(
                "Chipboard screw, countersunk",
                "box",
                "7.20",
                10,
                "3.5 x 30|4.0 x 40|4.5 x 50|5.0 x 60|5.0 x 80|6.0 x 100|6.0 x 140",
            ),
            Family("Drywall screw", "box", "6.10", 10, "3.5 x 25|3.5 x 35|3.5 x 45|3.9 x 55"),
            Family("Nylon plug", "box", "5.30", 10, "6 mm|8 mm|10 mm|12 mm|14 mm"),
            Family("Frame fixing", "box", "14.60", 5, "8 x 80|10 x 100|10 x 135|10 x 160"),
            Family("Hexagon bolt, galvanised", "box", "12.90", 5, "M6 x 40|M8 x 50|M10 x 60|M12 x 80|M16 x 100"),
            Family("Threaded rod 1 m", "pcs", "1.90", 25, "M6|M8|M10|M12"),
            Family("Anchor bolt", "box", "22.40", 2, "M8 x 75|M10 x 90|M12 x 110|M16 x 145"),
            Family("Cable tie, black", "pack", "3.80", 20, "140 x 3.6|200 x 4.8|300 x 4.8|370 x 7.6"),
            Family("Steel angle bracket", "pcs", "1.45", 25, "60 mm|90 mm|120 mm"),
        ),
    ),
    Range(
        "EL",
        "Electrical installation",
        ALL_YEAR,
        (
            Family("Installation cable NYM-J", "m", "0.89", 100, "3 x 1.5|3 x 2.5|5 x 1.5|5 x 2.5|5 x 4|5 x 6"),
            Family("Miniature circuit breaker", "pcs", "4.60", 12, "B 10 A|B 16 A|C 16 A|C 20 A|C 32 A"),
            Family("Residual current device", "pcs", "42.00", 1, "25 A 30 mA|40 A 30 mA|63 A 30 mA"),
            Family("Flush-mounted box", "pcs", "0.65", 50, "46 mm|61 mm|cavity wall"),
            Family("Socket outlet, pure white", "pcs", "3.95", 10, "single|double|triple|with USB-C"),
            Family("Rocker switch, pure white", "pcs", "4.20", 10, "one-way|two-way|double|blind"),
            Family("Distribution board", "pcs", "29.00", 1, "1 row|2 rows|3 rows|4 rows"),
            Family("Extension reel IP44", "pcs", "44.00", 1, "25 m|40 m|50 m"),
            Family("Terminal block 5-pole", "pack", "9.90", 10, "2.5 mm²|4 mm²|6 mm²"),
            Family("Installation pipe, rigid", "pcs", "2.10", 30, "M16|M20|M25|M32|M40"),
        ),
    ),
    Range(
        "LI",
        "Lighting",
        AUTUMN,
        (
            Family("LED floodlight", "pcs", "24.90", 1, "10 W|20 W|30 W|50 W|100 W"),
            Family("LED work light, cordless", "pcs", "49.00", 1, "1000 lm|2000 lm|4000 lm|with tripod"),
            Family("Head torch", "pcs", "22.50", 1, "300 lm|600 lm|1000 lm"),
            Family("Moisture-proof luminaire", "pcs", "31.00", 1, "60 cm|120 cm|150 cm"),
            Family("LED panel", "pcs", "36.00", 2, "300 x 600|600 x 600|300 x 1200"),
            Family("LED lamp E27", "pcs", "3.40", 10, "6 W|8.5 W|11 W|15 W", ALL_YEAR),
            Family("Motion sensor", "pcs", "18.90", 1, "180°|240°|360°|flush-mounted"),
            Family("Path light, stainless steel", "pcs", "39.50", 1, "40 cm|65 cm|90 cm"),
        ),
    ),
    Range(
        "GA",
        "Garden and irrigation",
        SPRING,
        (
            Family("Garden hose, reinforced", "pcs", "24.50", 1, "1/2 in 20 m|1/2 in 50 m|3/4 in 25 m"),
            Family("Hose connector, brass", "pcs", "4.70", 10, "1/2 in|5/8 in|3/4 in"),
            Family("Hedge trimmer", "pcs", "119.00", 1, "500 W|600 W|18 V"),
            Family("Lawn mower", "pcs", "249.00", 1, "36 V 37 cm|36 V 42 cm|petrol 46 cm"),
            Family("Grass trimmer", "pcs", "89.00", 1, "450 W|18 V|36 V"),
            Family("Pruning shears", "pcs", "16.90", 2, "bypass|anvil|long-handled"),
            Family("Spade, ash handle", "pcs", "28.50", 1, "garden|drainage|pointed|border"),
            Family("Wheelbarrow", "pcs", "84.00", 1, "85 l|100 l|tipping 120 l"),
            Family("Submersible pump", "pcs", "94.00", 1, "7000 l/h|10000 l/h|13000 l/h", SUMMER),
            Family("Sprinkler", "pcs", "17.40", 2, "oscillating|impulse|circular", SUMMER),
        ),
    ),
    Range(
        "OU",
        "Outdoor and camping",
        SUMMER,
        (
            Family("Cool box, 12 V", "pcs", "79.00", 1, "24 l|32 l|40 l"),
            Family("Folding table, aluminium", "pcs", "45.00", 1, "60 x 40|80 x 60|120 x 60"),
            Family("Camping chair", "pcs", "29.90", 2, "standard|high back|XL|stool"),
            Family("Gas cartridge", "pcs", "5.80", 12, "230 g|445 g|450 g screw valve"),
            Family("Gas cooker", "pcs", "34.50", 1, "one burner|two burners|three burners"),
            Family("Tarpaulin", "pcs", "14.90", 4, "2 x 3 m|3 x 5 m|4 x 6 m|6 x 8 m"),
            Family("Jerrycan", "pcs", "12.90", 2, "5 l|10 l|20 l", ALL_YEAR),
            Family("Rope, braided polypropylene", "m", "0.60", 50, "6 mm|8 mm|10 mm|12 mm", ALL_YEAR),
        ),
    ),
    Range(
        "CV",
        "Climate and ventilation",
        WINTER,
        (
            Family("Fan heater", "pcs", "34.90", 1, "2 kW|3 kW|5 kW industrial"),
            Family("Oil radiator", "pcs", "69.00", 1, "7 fins|9 fins|11 fins"),
            Family("Infrared heater", "pcs", "119.00", 1, "1.5 kW|2 kW|2.5 kW"),
            Family("Building dryer", "pcs", "389.00", 1, "20 l/day|50 l/day|80 l/day"),
            Family("Pedestal fan", "pcs", "49.00", 1, "40 cm|45 cm metal", SUMMER),
            Family("Mobile air conditioner", "pcs", "329.00", 1, "2.1 kW|2.6 kW|3.5 kW", SUMMER),
            Family("Duct fan", "pcs", "46.00", 1, "100 mm|125 mm|150 mm", ALL_YEAR),
            Family("Flexible duct", "m", "2.30", 10, "100 mm|125 mm|150 mm|200 mm", ALL_YEAR),
        ),
    ),
    Range(
        "WS",
        "Workwear and safety",
        ALL_YEAR,
        (
            Family("Work glove, nitrile coated", "pair", "2.90", 12, "size 8|size 9|size 10|size 11|size 12"),
            Family("Cut-resistant glove, level C", "pair", "7.40", 6, "size 8|size 9|size 10"),
            Family("Safety shoe S3", "pair", "74.00", 1, "size 41|size 42|size 43|size 44|size 45|size 46"),
            Family("Hi-vis vest", "pcs", "5.20", 10, "M|L|XL"),
            Family("Softshell jacket", "pcs", "59.00", 1, "S|M|L|XL|XXL", AUTUMN),
            Family("Safety helmet", "pcs", "13.90", 5, "white|yellow|blue"),
            Family("Safety glasses", "pcs", "6.80", 10, "clear|tinted|over-glasses"),
            Family("Respirator mask", "box", "18.40", 1, "FFP2 20 pcs|FFP3 10 pcs"),
            Family("Ear defenders", "pcs", "15.90", 2, "SNR 27|SNR 32|with radio"),
            Family("Knee pads", "pair", "17.90", 2, "foam|gel"),
        ),
    ),
    Range(
        "PA",
        "Paint and sealing",
        ALL_YEAR,
        (
            Family("Silicone sealant 310 ml", "pcs", "4.30", 12, "transparent|white|grey|black"),
            Family("Acrylic sealant 310 ml", "pcs", "2.20", 12, "white|brown|grey"),
            Family("Assembly foam", "pcs", "6.90", 12, "500 ml|750 ml|750 ml pistol"),
            Family("Wood stain, exterior", "can", "32.00", 1, "oak 2.5 l|walnut 2.5 l|grey 2.5 l|oak 5 l", SPRING),
            Family("Masonry paint, white", "can", "49.00", 1, "2.5 l|5 l|10 l|12.5 l", SPRING),
            Family("Paint roller set", "set", "11.40", 4, "6 cm|10 cm|18 cm|25 cm"),
            Family("Masking tape", "pcs", "2.60", 24, "19 mm|25 mm|38 mm|50 mm"),
            Family("Construction adhesive", "pcs", "6.20", 12, "290 ml|450 g|1 kg"),
        ),
    ),
    Range(
        "WI",
        "Winter service",
        WINTER,
        (
            Family("Snow shovel", "pcs", "24.90", 5, "40 cm|50 cm|55 cm with edge"),
            Family("Snow pusher", "pcs", "64.00", 1, "70 cm|80 cm|100 cm"),
            Family("De-icing salt", "bag", "7.90", 40, "10 kg|25 kg"),
            Family("Grit container", "pcs", "139.00", 1, "100 l|200 l|400 l"),
            Family("Hand spreader", "pcs", "29.50", 1, "3 l|20 l walk-behind"),
            Family("Snow blower", "pcs", "699.00", 1, "56 cm|62 cm|76 cm"),
            Family("Ice scraper", "pcs", "3.10", 20, "short|with brush|telescopic"),
            Family("Frost protection cable", "pcs", "38.00", 1, "4 m|10 m|18 m"),
            Family("Windscreen antifreeze", "pcs", "6.70", 12, "2 l|5 l"),
        ),
    ),
)


def articles(most: int) -> list[Article]:
    """The price list; a smaller one takes its products evenly from all families."""
    everything = list(_all_articles())
    step = max(1.0, len(everything) / most)
    return [everything[int(position * step)] for position in range(min(most, len(everything)))]


def _all_articles() -> Iterator[Article]:
    for group in RANGES:
        numbers = count(1010, 10)
        for family in group.families:
            for position, variant in enumerate(family.variants.split("|")):
                yield Article(
                    sku=f"{group.code}-{next(numbers)}",
                    name=f"{family.name} {variant}",
                    category=group.name,
                    unit=family.unit,
                    price=(Decimal(family.price) * (100 + 17 * position) / 100).quantize(Decimal("0.01")),
                    pack=family.pack,
                    season=family.season or group.season,
                )
