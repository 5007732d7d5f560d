"""Files in and out: every kind of CSV that the desk reads and writes."""

from backorders.files.import_file import find_mapping, import_file, presets
from backorders.files.kinds import EXPORTS, KINDS, ONLY_FOR_MAPPINGS

__all__ = ["EXPORTS", "KINDS", "ONLY_FOR_MAPPINGS", "find_mapping", "import_file", "presets"]
