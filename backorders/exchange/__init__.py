"""Files in and out: every kind of CSV that the desk reads and writes."""

from backorders.exchange.kinds import EXPORTS, KINDS, ONLY_FOR_MAPPINGS
from backorders.exchange.running import find_mapping, import_file, presets

__all__ = ["EXPORTS", "KINDS", "ONLY_FOR_MAPPINGS", "find_mapping", "import_file", "presets"]
