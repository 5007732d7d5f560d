"""Who delivers: suppliers with their habits, which nobody tells the desk; it has to learn them from what arrives."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Habit(StrEnum):
    PUNCTUAL = "punctual"
    LATE = "late"  # always three to five days
    ERRATIC = "erratic"
    EARLY = "early"
    PARTIAL = "partial"  # sends what is there, the rest a week later
    GENEROUS = "generous"  # sends some more than was ordered
    STRUGGLING = "struggling"  # puts its dates off again and again


@dataclass(frozen=True, slots=True)
class Partner:
    code: str
    name: str
    categories: tuple[str, ...]
    lead_time_days: int
    habit: Habit
    time_zone: str = "Europe/Berlin"

    @property
    def over_receipt_percent(self) -> int:
        return 10 if self.habit == Habit.GENEROUS else 0

    @property
    def email(self) -> str:
        return f"orders@{self.code.lower()}.example.com"


HAND, POWER, ACCESSORIES, FASTENERS = "Hand tools", "Power tools", "Tool accessories", "Fasteners"
ELECTRICAL, LIGHTING, GARDEN = "Electrical installation", "Lighting", "Garden and irrigation"
OUTDOOR, CLIMATE, SAFETY = "Outdoor and camping", "Climate and ventilation", "Workwear and safety"
PAINT, WINTER = "Paint and sealing", "Winter service"

PARTNERS = (
    Partner("NORDWERK", "Nordwerk Handwerkzeuge GmbH", (HAND,), 10, Habit.PUNCTUAL),
    Partner("SOLINGA", "Solinga Werkzeugfabrik KG", (HAND, ACCESSORIES), 14, Habit.LATE),
    Partner("TAIYUAN", "Taiyuan Forge Co., Ltd.", (HAND,), 42, Habit.ERRATIC, "Asia/Shanghai"),
    Partner("KRAFTIG", "Kraftig Power Tools BV", (POWER,), 18, Habit.LATE, "Europe/Amsterdam"),
    Partner("MIKURA", "Mikura Denki K.K.", (POWER, ACCESSORIES), 35, Habit.PUNCTUAL, "Asia/Tokyo"),
    Partner("BOREAS", "Boreas Cordless Systems Inc.", (POWER,), 28, Habit.STRUGGLING, "America/Chicago"),
    Partner("SCHLEIFWERK", "Schleifwerk Südharz GmbH", (ACCESSORIES,), 12, Habit.PARTIAL),
    Partner("DENTRA", "Dentra Sägeblätter GmbH", (ACCESSORIES,), 9, Habit.EARLY),
    Partner("FIXAL", "Fixal Befestigungstechnik AG", (FASTENERS,), 7, Habit.PUNCTUAL, "Europe/Zurich"),
    Partner("BRESCIA", "Viteria Brescia S.p.A.", (FASTENERS,), 15, Habit.GENEROUS, "Europe/Rome"),
    Partner("KOMBIPLAST", "Kombiplast Sp. z o.o.", (FASTENERS, ELECTRICAL), 11, Habit.PUNCTUAL, "Europe/Warsaw"),
    Partner("RHEINKABEL", "Rheinkabel Leitungen GmbH", (ELECTRICAL,), 10, Habit.GENEROUS),
    Partner("VOLTARO", "Voltaro Installations SAS", (ELECTRICAL,), 16, Habit.ERRATIC, "Europe/Paris"),
    Partner("ELMARK", "Elmark Schaltgeräte GmbH", (ELECTRICAL,), 13, Habit.PUNCTUAL),
    Partner("LUMISTAR", "Lumistar Optoelectronics Ltd.", (LIGHTING,), 38, Habit.ERRATIC, "Asia/Shanghai"),
    Partner("HELLVIK", "Hellvik Belysning AS", (LIGHTING,), 17, Habit.EARLY, "Europe/Oslo"),
    Partner("GRUENHOF", "Grünhof Gartengeräte GmbH", (GARDEN,), 12, Habit.PARTIAL),
    Partner("AQUALINE", "Aqualine Irrigation Ltd", (GARDEN, OUTDOOR), 20, Habit.LATE, "Europe/London"),
    Partner("CAMPINO", "Campino Outdoor S.L.", (OUTDOOR,), 21, Habit.PUNCTUAL, "Europe/Madrid"),
    Partner("THERMOVA", "Thermova Klimageräte GmbH", (CLIMATE,), 15, Habit.PARTIAL),
    Partner("AERONIC", "Aeronic Fans A/S", (CLIMATE,), 24, Habit.STRUGGLING, "Europe/Copenhagen"),
    Partner("PROTECTA", "Protecta Arbeitsschutz GmbH", (SAFETY,), 8, Habit.PUNCTUAL),
    Partner("TEXSHIELD", "Texshield Garments Pvt. Ltd.", (SAFETY,), 45, Habit.EARLY, "Asia/Kolkata"),
    Partner("COLORAN", "Coloran Bauchemie GmbH", (PAINT,), 9, Habit.EARLY),
    Partner("WINTERGUT", "Wintergut Streumittel GmbH", (WINTER, OUTDOOR), 14, Habit.PARTIAL),
)


def days_off_the_promise(habit: Habit, random: Random) -> int:
    """How many days after the date that it named first a supplier delivers."""
    match habit:
        case Habit.LATE:
            return random.randint(3, 5)
        case Habit.EARLY:
            return -random.randint(1, 3)
        case Habit.ERRATIC:
            return random.choice([-4, -2, -1, 0, 0, 1, 3, 6, 9, 14])
        case Habit.STRUGGLING:
            return random.randint(18, 45)
        case Habit.PARTIAL:
            return random.randint(0, 2)
        case _:
            return random.choice([0, 0, 0, 0, 0, 1])
