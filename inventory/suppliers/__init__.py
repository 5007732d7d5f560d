"""Talking with suppliers about an order: `links` → `asking` → `answering` → `deciding`, and `reminding`."""
