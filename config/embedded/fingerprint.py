"""Has the schema changed since the last migration? Answered by file contents, without starting Django."""

import hashlib
from pathlib import Path

SHAPES_THE_DATABASE = (
    "*/migrations/**/*.py",
    "*/migrations/**/*.json",
    "*/oversight/roles.py",
    "*/oversight/schedule.py",
    "config/embedded/roles.sql",
    "config/lib/databases.py",
    "config/lib/migrations.py",
    "config/lib/triggers.py",
    "config/schedule.py",
    "*/management/commands/migrate.py",
    "requirements.txt",
)


def schema_fingerprint(base_dir: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted({path for pattern in SHAPES_THE_DATABASE for path in base_dir.glob(pattern)}):
        digest.update(f"{path.relative_to(base_dir)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
