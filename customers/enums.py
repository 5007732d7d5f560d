from django.db.models import TextChoices


class Language(TextChoices):
    ENGLISH = "en", "English"
    GERMAN = "de", "German"


class SilenceRule(TextChoices):
    """What it means when a buyer does not answer a delay notice."""

    CONSENT = "consent", "Silence is consent"
    CANCEL = "cancel", "Silence cancels"


class NoticeForm(TextChoices):
    """The forms that a delay notice has; a profile says which statements each must contain."""

    SHORT = "short", "First notice, near date"
    LONG = "long", "First notice, far date"
    INDEFINITE = "indefinite", "First notice, no date"
    RENEWED = "renewed", "Renewed notice"
    RENEWED_INDEFINITE = "renewed_indefinite", "Renewed notice, no date"
