"""Children of an actor: forked, each with its own connection, ended by their own id when the time is up."""

import multiprocessing
import queue
import time
import traceback
from collections.abc import Callable
from typing import Any

from django.db import connections

_fork = multiprocessing.get_context("fork")


def together(jobs: list[Callable[[], Any]], *, seconds: float) -> list[Any]:
    """Run the jobs at once, each in a child process; their answers in the order of the jobs.

    A child that is not done after `seconds` is killed, and answers None; one that fails answers its traceback.
    """
    connections.close_all()
    answers: Any = _fork.Queue()
    children = [_fork.Process(target=_run, args=(number, job, answers)) for number, job in enumerate(jobs)]
    for child in children:
        child.start()
    collected: list[Any] = [None] * len(jobs)
    deadline = time.monotonic() + seconds
    missing = set(range(len(jobs)))
    while missing and time.monotonic() < deadline:
        try:
            number, answer = answers.get(timeout=0.2)
        except queue.Empty:
            if all(not children[number].is_alive() for number in missing) and answers.empty():
                break
            continue
        collected[number] = answer
        missing.discard(number)
    for child in children:
        child.join(1)
        if child.is_alive():
            child.kill()
            child.join()
    return collected


def _run(number: int, job: Callable[[], Any], answers: Any) -> None:
    try:
        answer = job()
    except Exception:  # noqa: BLE001 - the parent has to hear of it
        answer = traceback.format_exc()
    connections.close_all()
    answers.put((number, answer))
