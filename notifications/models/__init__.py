"""The outbox and its log, addresses that are not written to, preferences, wordings, the state of the channel."""

from notifications.models.addresses import BounceReport, Suppression, SuppressionQuerySet
from notifications.models.channel import Batch, Channel, MailRules
from notifications.models.messages import DeliveryResult, Message, MessageQuerySet
from notifications.models.preferences import Preference
from notifications.models.wording import TemplateVersion

__all__ = [
    "Batch",
    "BounceReport",
    "Channel",
    "DeliveryResult",
    "MailRules",
    "Message",
    "MessageQuerySet",
    "Preference",
    "Suppression",
    "SuppressionQuerySet",
    "TemplateVersion",
]
