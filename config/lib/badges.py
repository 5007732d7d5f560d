"""How each state looks: one table for every badge on every page.

A badge never relies on its colour alone: it has an icon and a word.
"""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["neutral", "info", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Look:
    tone: Tone
    icon: str


UNKNOWN = Look("neutral", "circle")

STATES: dict[str, Look] = {
    # order lines and orders
    "open": Look("info", "circle"),
    "waiting": Look("warn", "clock"),
    "backordered": Look("warn", "clock"),
    "partly_allocated": Look("info", "circle-half"),
    "allocated": Look("info", "box"),
    "ready": Look("info", "box"),
    "partly_shipped": Look("info", "circle-half"),
    "picking": Look("info", "clipboard"),
    "shipped": Look("good", "truck"),
    "cancelled": Look("neutral", "ban"),
    "late": Look("bad", "alert"),
    "overdue": Look("bad", "alert"),
    "on_time": Look("good", "check"),
    "at_risk": Look("warn", "alert"),
    "no_date": Look("neutral", "circle-dashed"),
    # shares of receipts against their quantile
    "within": Look("good", "check"),
    "low": Look("bad", "alert"),
    "high": Look("warn", "alert"),
    "few": Look("neutral", "circle-dashed"),
    # reasons of backorders
    "high_demand": Look("neutral", "chart"),
    "seasonal": Look("neutral", "calendar"),
    "supplier_delay": Look("neutral", "factory"),
    "data_error": Look("neutral", "alert"),
    # allocations
    "soft": Look("neutral", "circle-dashed"),
    "pinned": Look("info", "pin"),
    "hard": Look("info", "lock"),
    "active": Look("good", "check"),
    "inactive": Look("neutral", "ban"),
    "released": Look("neutral", "x"),
    # purchase orders
    "draft": Look("neutral", "circle-dashed"),
    "sent": Look("good", "mail"),
    "confirmed": Look("info", "check-circle"),
    "partly_received": Look("info", "circle-half"),
    "received": Look("good", "check"),
    "closed": Look("neutral", "lock"),
    # answers of suppliers
    "taken": Look("good", "check"),
    "proposed": Look("warn", "clock"),
    "accepted": Look("good", "check-circle"),
    "countered": Look("info", "refresh"),
    "declined": Look("neutral", "x"),
    "replaced": Look("neutral", "circle-dashed"),
    "revoked": Look("neutral", "ban"),
    "expired": Look("neutral", "clock"),
    # demand and reorder proposals
    "smooth": Look("good", "check"),
    "erratic": Look("warn", "chart"),
    "intermittent": Look("neutral", "circle-half"),
    "lumpy": Look("warn", "circle-half"),
    "new": Look("info", "plus"),
    "ended": Look("neutral", "ban"),
    # messages
    "pending": Look("neutral", "clock"),
    "queued": Look("neutral", "clock"),
    "sending": Look("info", "refresh"),
    "retry": Look("warn", "refresh"),
    "undelivered": Look("warn", "refresh"),
    "dead": Look("bad", "x-circle"),
    "bounced": Look("bad", "x-circle"),
    "suppressed": Look("neutral", "ban"),
    "bundled": Look("good", "layers"),
    "unwanted": Look("neutral", "ban"),
    "superseded": Look("neutral", "ban"),
    "legal": Look("info", "alert"),
    "test": Look("info", "search"),
    # runs
    "running": Look("info", "refresh"),
    "done": Look("good", "check"),
    "finished": Look("good", "check"),
    "succeeded": Look("good", "check"),
    "failed": Look("bad", "x-circle"),
    "simulated": Look("neutral", "circle-dashed"),
    "awaiting": Look("warn", "clock"),
    "approved": Look("good", "check-circle"),
    "rejected": Look("bad", "ban"),
    "discarded": Look("neutral", "trash"),
    "undone": Look("neutral", "refresh"),
    "held": Look("warn", "lock"),
    "blocked": Look("bad", "ban"),
    "healthy": Look("good", "check-circle"),
    # questions, delay notices and refunds
    "answered": Look("good", "check"),
    "defaulted": Look("neutral", "clock"),
    "withdrawn": Look("neutral", "x"),
    "notice_due": Look("bad", "bell"),
    "renewed_notice_due": Look("bad", "bell"),
    "noticed_definite_short": Look("info", "mail"),
    "noticed_long_or_indefinite": Look("warn", "mail"),
    "renewed_noticed": Look("warn", "mail"),
    "consented_until": Look("good", "check"),
    "consented_indefinite": Look("good", "check"),
    "auto_cancel_due": Look("bad", "ban"),
    "cancel_by_customer": Look("bad", "ban"),
    "refund_due": Look("warn", "tag"),
    "refund_sent": Look("good", "check"),
    # backorder policies
    "deny": Look("neutral", "ban"),
    "allow": Look("good", "check"),
    "notify": Look("info", "bell"),
}


def look_of(state: str) -> Look:
    """The look of a state; one that nobody has described yet is grey, with a plain circle."""
    return STATES.get(state.lower().replace("-", "_").replace(" ", "_"), UNKNOWN)
