"""CSV in and out, without knowing a single table: safe writing, careful reading, mappings, reports."""

from config.lib.csv.writing import csv_lines, csv_response, restore_cell, safe_cell

__all__ = ["csv_lines", "csv_response", "restore_cell", "safe_cell"]
