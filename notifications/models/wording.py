"""What the emails say where the desk says it differently than the shipped files do."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from config.lib.text import LineField, plain_text
from config.lib.triggers import append_only


class TemplateVersion(models.Model):
    """One wording of one kind of email in one language, never changed again; the newest is in force.

    Number 0 are the shipped files, which have no row. `is_shipped` goes back to them. The HTML part is made from the
    body: what both say is the same.
    """

    kind = LineField(max_length=40)
    language = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    is_shipped = models.BooleanField(default=False)
    subject = LineField(max_length=500, blank=True)
    body = models.TextField(blank=True)
    note = LineField("why", max_length=200, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="template_version_numbered_once", fields=["kind", "language", "number"]),
            models.CheckConstraint(name="template_version_from_1", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="template_version_has_words_unless_shipped",
                condition=Q(is_shipped=True, subject="", body="") | Q(is_shipped=False) & ~Q(subject="") & ~Q(body=""),
            ),
            *plain_text("template_version", "kind", "subject", "note"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.kind} ({self.language}) version {self.number}"
