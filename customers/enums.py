from django.db.models import TextChoices


class Language(TextChoices):
    ENGLISH = "en", "English"
    GERMAN = "de", "German"


class Jurisdiction(TextChoices):
    """Whose delay-notice rules protect this customer; no profile means no legal notices."""

    NONE = "", "None"
    US_MAIL_ORDER = "us-mail-order", "US: Mail, Internet, or Telephone Order Rule"
