"""The lists of emails and of suppressed addresses, narrowed down."""

import django_filters
from django.db.models import Q, QuerySet

from config.lib.filters import FlagFilter, ListFilter, SearchFilter
from notifications.enums import MessageStatus
from notifications.models import Message, Suppression
from notifications.payloads import PAYLOADS


class MessageFilters(ListFilter):
    """`q` is part of a recipient's address or name, or a whole order number."""

    q = SearchFilter("Recipient or order", method="named")
    status = django_filters.ChoiceFilter(choices=MessageStatus.choices, label="Status", empty_label="Any state")
    kind = django_filters.ChoiceFilter(
        choices=[(payload.kind, payload.label) for payload in PAYLOADS.values()], label="Kind", empty_label="Any kind"
    )

    def named(self, messages: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
        return messages.filter(
            Q(recipient__icontains=value) | Q(recipient_name__icontains=value) | Q(context__order_number__iexact=value)
        )


class SuppressionFilters(ListFilter):
    q = SearchFilter("Address or reason", method="named")
    lifted = FlagFilter("Lifted", method="by_state")

    def named(self, suppressions: QuerySet[Suppression], name: str, value: str) -> QuerySet[Suppression]:
        return suppressions.filter(Q(address__icontains=value) | Q(reason__icontains=value))

    def by_state(self, suppressions: QuerySet[Suppression], name: str, value: bool) -> QuerySet[Suppression]:
        return suppressions.filter(lifted_at__isnull=not value)
