"""Importing a file of any kind: finding its mapping, reading it, and serving who waits for what arrived."""

import json
from pathlib import Path
from typing import BinaryIO

from backorders.files.kinds import KINDS
from backorders.fulfilment.receive import serve_arrivals
from config.lib.csv.importing import Job, run_import
from config.lib.csv.mapping import NO_MAPPING, FileMapping, MappingRefused, read_mapping
from config.lib.csv.report import Report

PRESETS = Path(__file__).parent / "mappings"


def presets(kind: str = "") -> list[str]:
    """The names of the mappings that ship with the desk, or of those for one kind of file."""
    kinds = {path.stem: json.loads(path.read_text("utf-8"))["kind"] for path in sorted(PRESETS.glob("*.json"))}
    return [name for name, of_kind in kinds.items() if kind in {"", of_kind}]


def find_mapping(name: str, kind: str) -> FileMapping:
    """A preset by its name, `northwind` for the preset `northwind-KIND`, or a JSON file. Raises MappingRefused."""
    if not name:
        return NO_MAPPING
    known = presets()
    for preset in (name, f"{name}-{kind}"):
        if preset in known:
            return read_mapping(PRESETS / f"{preset}.json")
    if Path(name).suffix == ".json":
        return read_mapping(Path(name))
    raise MappingRefused(f"There is no mapping {name}: name a JSON file or one of {', '.join(known)}.")


def import_file(kind: str, source: Path | BinaryIO, job: Job) -> Report:
    """Import a file, then run the queues of the products of which something arrived. Raises FileRefused."""
    report = run_import(KINDS[kind], source, job)
    if report.written and job.touched:
        serve_arrivals(product_ids=job.touched, cause=f"Import of {kind}", by=job.by, now=job.now)
    return report
