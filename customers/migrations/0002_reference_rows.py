"""The tiers and the jurisdiction profile that a desk starts with; others are rows that staff add."""

from django.db import migrations

TIERS = [
    (1, "platinum", "Platinum"),
    (2, "gold", "Gold"),
    (3, "silver", "Silver"),
    (4, "standard", "Standard"),
    (5, "basic", "Basic"),
]

US_MAIL_ORDER = {
    "code": "us-mail-order",
    "name": "US: Mail, Internet, or Telephone Order Merchandise Rule (16 CFR 435)",
    "holiday_country": "US",
    "required": {
        "short": ["date", "cancel_right", "free_answer", "silence_consents"],
        "long": ["date", "cancel_right", "free_answer", "auto_cancel"],
        "indefinite": ["no_date", "reason", "cancel_right", "free_answer", "auto_cancel", "cancel_any_time"],
        "renewed": ["date", "cancel_right", "free_answer", "auto_cancel_renewed"],
        "renewed_indefinite": [
            "no_date",
            "reason",
            "cancel_right",
            "free_answer",
            "auto_cancel_renewed",
            "cancel_any_time",
        ],
    },
    "statements": {
        "date": {
            "en": "We now expect to ship by {revised}.",
            "de": "Wir versenden nun voraussichtlich bis {revised}.",
        },
        "no_date": {
            "en": "We cannot give you a new shipping date at this time.",
            "de": "Einen neuen Versandtermin können wir Ihnen derzeit nicht nennen.",
        },
        "reason": {
            "en": "The reason for the delay: {reason}.",
            "de": "Der Grund der Verzögerung: {reason}.",
        },
        "cancel_right": {
            "en": "You may cancel now and receive a full and prompt refund of all that you paid for these goods.",
            "de": "Sie können jetzt stornieren und erhalten alles, was Sie für diese Ware bezahlt haben, umgehend und "
            "vollständig zurück.",
        },
        "free_answer": {
            "en": "To agree to the delay or to cancel, use the link in this email or reply to it. Both are free of charge.",
            "de": "Um der Verzögerung zuzustimmen oder zu stornieren, nutzen Sie den Link in dieser E-Mail oder antworten "
            "Sie darauf. Beides kostet Sie nichts.",
        },
        "silence_consents": {
            "en": "If we do not hear from you, you agree to the delay until {revised}. You may still cancel at any time "
            "before we ship.",
            "de": "Wenn wir nichts von Ihnen hören, sind Sie mit der Verzögerung bis {revised} einverstanden. Stornieren "
            "können Sie weiterhin jederzeit vor dem Versand.",
        },
        "auto_cancel": {
            "en": "Your order for these goods is cancelled automatically and refunded unless we ship by {until} or you "
            "expressly agree to the delay by {until}.",
            "de": "Ihre Bestellung dieser Ware wird automatisch storniert und erstattet, wenn wir nicht bis {until} "
            "versenden und Sie der Verzögerung nicht bis {until} ausdrücklich zustimmen.",
        },
        "auto_cancel_renewed": {
            "en": "We could not keep the date that we gave you. Your order for these goods is cancelled automatically and "
            "refunded unless we ship by {until} or you expressly agree to the new delay by {until}.",
            "de": "Wir konnten den genannten Termin nicht halten. Ihre Bestellung dieser Ware wird automatisch storniert "
            "und erstattet, wenn wir nicht bis {until} versenden und Sie der neuen Verzögerung nicht bis {until} "
            "ausdrücklich zustimmen.",
        },
        "cancel_any_time": {
            "en": "If you agree to wait without a date, you may still cancel at any time before we ship.",
            "de": "Wenn Sie ohne Termin warten, können Sie weiterhin jederzeit vor dem Versand stornieren.",
        },
    },
}


def create_rows(apps, schema_editor):
    alias = schema_editor.connection.alias
    tiers = apps.get_model("customers", "CustomerTier").objects.using(alias)
    for rank, code, name in TIERS:
        tiers.get_or_create(code=code, defaults={"rank": rank, "name": name})
    profiles = apps.get_model("customers", "JurisdictionProfile").objects.using(alias)
    profiles.get_or_create(code=US_MAIL_ORDER["code"], defaults=US_MAIL_ORDER)


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [migrations.RunPython(create_rows, migrations.RunPython.noop)]
