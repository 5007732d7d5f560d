from typing import Any

from django.core.management.base import CommandParser

from backorders.enums import AuditedLedger
from backorders.models import AuditSeal
from backorders.oversight.queries.audit import first_broken_seal
from config.lib.commands import DeskCommand


class Command(DeskCommand):
    help = "Compute every audit seal anew; exit code 1 and the first broken one where history was rewritten."
    writes = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--head", action="append", default=[], metavar="HASH", help="a hash from the log that must be in the chain"
        )

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        broken = [found for ledger in AuditedLedger if (found := first_broken_seal(ledger))]
        for found in broken:
            self.progress("Seal {seal} over {ledger} {first_id} to {last_id}: {problem}.".format(**found))
        missing = [head for head in options["head"] if not AuditSeal.objects.filter(hash=head).exists()]
        for head in missing:
            self.progress(f"The seal {head} is gone.")
        ok = not broken and not missing
        heads = {seal.ledger: seal.hash for seal in AuditSeal.objects.order_by("ledger", "-pk").distinct("ledger")}
        figures = {"ok": ok, "seals": AuditSeal.objects.count(), "broken": broken, "missing": missing, "heads": heads}
        return figures, 0 if ok else 1
