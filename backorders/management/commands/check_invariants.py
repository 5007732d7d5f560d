from typing import Any

from backorders.oversight.queries.invariants import check_invariants
from config.lib.commands import DeskCommand


class Command(DeskCommand):
    help = "Look at the whole database once and count what breaks an invariant (I1 to I12); exit code 1 on any."
    writes = False

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        report = check_invariants()
        for sentence in report.sentences():
            self.progress(sentence)
        return {"ok": report.ok, "violations": report.violations}, 0 if report.ok else 1
