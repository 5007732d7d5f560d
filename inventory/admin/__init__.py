"""Importing the package registers everything that the admin shows of this app."""

from inventory.admin import answers, catalogue

__all__ = ["answers", "catalogue"]
