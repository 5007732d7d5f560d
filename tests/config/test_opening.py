"""The page of the start, served by a real process on a real socket."""

import inspect
import os
import re
import select
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from backorders.management.seeding import story
from config.demo import listen
from config.opening import STEPS, OpeningPage, Progress
from tests.kit.smtp_sink import free_port


@pytest.fixture
def listener(monkeypatch) -> Iterator[socket.socket]:
    monkeypatch.setenv("PORT", str(free_port()))
    with listen() as opened:
        yield opened


def answer(listener: socket.socket, path: str) -> tuple[int, str, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{listener.getsockname()[1]}{path}", timeout=30) as told:
            return told.status, told.headers["Content-Type"], told.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


def rows(html: str) -> list[str]:
    return [line.partition('"')[2].partition('"')[0] for line in html.splitlines() if "<li " in line]


def test_the_page_shows_what_is_done_and_what_is_under_way(listener):
    with OpeningPage(listener) as page:
        status, kind, before = answer(listener, "/orders/?page=2")
        page.say("Valkey 9 started in 0.1 s")
        page.say("Migrations applied in 3.2 s")
        while rows(answer(listener, "/")[2]).count("is-done") < 2:
            pass
        after = answer(listener, "/")[2]

    assert (status, kind) == (503, "text/html; charset=utf-8")
    assert '<meta http-equiv="refresh" content="1">' in before
    assert rows(before) == ["is-now"] + ["is-next"] * (len(STEPS) - 1)
    assert rows(after) == ["is-done", "is-done", "is-now"] + ["is-next"] * (len(STEPS) - 3)


def test_the_page_has_its_styles_and_gives_no_other_file_away(listener):
    with OpeningPage(listener):
        assert answer(listener, "/static/css/opening.css")[:2] == (200, "text/css")
        assert answer(listener, "/static/icons.svg")[:2] == (200, "image/svg+xml")
        for path in ("/static/../config/demo.py", "/static/%2e%2e/manage.py", "/manage.py", "/static/css/", "/readyz"):
            assert answer(listener, path)[0] == 503


def test_closing_the_page_opens_the_gate_and_leaves_the_socket_to_the_desk(listener):
    with OpeningPage(listener) as page:
        assert select.select([page.gate], [], [], 0)[0] == []

        page.close()

        assert os.read(page.gate, 1) == b""
        with socket.create_connection(listener.getsockname(), timeout=30) as visitor:
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.getpeername() == visitor.getsockname()
        page.say("The terminal still hears")


def test_a_step_that_needs_nothing_this_time_counts_as_done():
    progress = Progress()

    progress.hear("Valkey 9 started in 0.1 s")
    progress.hear("Emails delivered in 2.0 s")

    assert progress.done == 6
    assert progress.page().count(b"there already") == 4


def test_the_chapters_of_the_story_are_steps_of_the_page():
    chapters = re.findall(r'_chapter\("(.+?)"', inspect.getsource(story))

    assert len(chapters) >= 4
    assert [title for title in chapters if not any(re.match(step.told_as, title) for step in STEPS)] == []
