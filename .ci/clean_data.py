"""Forget `.data/`: embedded databases, kept emails, demo secrets. Refuses while something still runs in it."""

import fcntl
import shutil
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / ".data"


def main() -> None:
    for keeper in DATA.rglob("run/*.keeper"):
        with keeper.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                sys.exit(f"{keeper.stem} in {keeper.parent.parent} is in use: stop `make run` or the tests first.")
    shutil.rmtree(DATA, ignore_errors=True)


if __name__ == "__main__":
    main()
