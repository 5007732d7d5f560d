"""How a reader wants to hear from us: read for the sorting, changed by the reader or by the desk."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction

from notifications.engine.reading_times import QuietHours
from notifications.enums import Frequency
from notifications.errors import UnknownKind
from notifications.models import MailRules, Preference
from notifications.payloads import PAYLOADS, OrderMail

GERMAN_LABELS = {
    "backorder_opened": "Lieferung verzögert sich",
    "date_changed": "Liefertermin geändert",
    "goods_allocated": "Artikel für Sie reserviert",
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What holds for one reader: their preferences over the house rules."""

    preference: Preference
    quiet: QuietHours | None


def mail_rules() -> MailRules:
    return MailRules.objects.filter(pk=1).first() or MailRules(pk=1)


def preference_of(addressee: str) -> Preference:
    """The stored one, or a new one that says nothing."""
    return Preference.objects.filter(addressee=addressee).first() or Preference(addressee=addressee)


def wishes_of(addressees: Collection[str], rules: MailRules) -> dict[str, Wishes]:
    stored = {preference.addressee: preference for preference in Preference.objects.filter(addressee__in=addressees)}
    house = _hours(rules.quiet_from, rules.quiet_until)
    wishes = {}
    for addressee in addressees:
        preference = stored.get(addressee) or Preference(addressee=addressee)
        own = _hours(preference.quiet_from, preference.quiet_until)
        wishes[addressee] = Wishes(preference, own or house)
    return wishes


def optional_kinds(*, language: str = "en") -> dict[str, str]:
    """The kinds that a reader may switch off, with their labels: the news about orders that wait."""
    german = GERMAN_LABELS if language == "de" else {}
    return {
        kind: german.get(kind, payload.label)
        for kind, payload in PAYLOADS.items()
        if issubclass(payload, OrderMail) and not payload.legal and not payload.transactional
    }


@transaction.atomic
def save_preferences(
    *,
    addressee: str,
    frequency: Frequency,
    unwanted: Collection[str],
    opted_out: bool,
    quiet_from: time | None,
    quiet_until: time | None,
    by: str,
    now: datetime,
) -> Preference:
    """Store what a reader wants. Raises UnknownKind for a kind that does not exist or that the law asks for."""
    for kind in unwanted:
        if kind not in optional_kinds():
            raise UnknownKind(f"“{kind}” is not an email that can be switched off.")
    preference, _ = Preference.objects.update_or_create(
        addressee=addressee,
        defaults={
            "frequency": frequency,
            "unwanted": sorted(unwanted),
            "opted_out": opted_out,
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "changed_by": by,
            "changed_at": now,
        },
    )
    return preference


@transaction.atomic
def opt_out(*, addressee: str, by: str, now: datetime) -> None:
    """No more news; confirmations, shipments and legal notices still come. Whoever asks twice has asked once."""
    Preference.objects.update_or_create(
        addressee=addressee, defaults={"opted_out": True, "changed_by": by, "changed_at": now}
    )


@transaction.atomic
def revoke_links(*, addressee: str, by: str, now: datetime) -> None:
    """The preference links of all emails until now open nothing any more."""
    Preference.objects.update_or_create(
        addressee=addressee, defaults={"links_since": now, "changed_by": by, "changed_at": now}
    )


def _hours(start: time | None, end: time | None) -> QuietHours | None:
    return QuietHours(start, end) if start and end and start != end else None
