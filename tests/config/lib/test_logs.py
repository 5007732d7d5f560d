import json
import logging

import pytest
import structlog

from config.lib.logs import redact, redact_line, shared_processors


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("GET /t/dGhlIHRva2Vu-_/ 200", "GET /t/[private link]/ 200"),
        ("https://desk.example.com/s/abc123/confirm?x=1", "https://desk.example.com/s/[private link]/confirm?x=1"),
        ("/accounts/login/?next=%2Ft%2Fabc123%2F", "/accounts/login/?next=%2Ft%2F[private link]%2F"),
        ("/m/1f.c2lnbmF0dXJl/stop/", "/m/[private link]/stop/"),
        ("/accounts/password/reset/key/3-d2x-5f1c/", "/accounts/password/reset/key/[private link]/"),
        ("<https://desk.example/m/1f.c2ln>", "<https://desk.example/m/[private link]>"),
        ("/orders/12/", "/orders/12/"),
        ("/reports/stock/", "/reports/stock/"),
    ],
)
def test_tokens_in_addresses_never_reach_the_log(line, written):
    assert redact(line) == redact(redact(line)) == written


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("GET /backorders/?q=Anna%20Vogel&page=2 200", "GET /backorders/?[…] 200"),
        ('"GET /t/abc/?done=x HTTP/1.1" 200 "https://desk.example/orders/?q=Anna"',
         '"GET /t/[private link]/?[…] HTTP/1.1" 200 "https://desk.example/orders/?[…]"'),
        ("Did it leave? Yes: run 12/13", "Did it leave? Yes: run 12/13"),
    ],
)  # fmt: skip
def test_what_people_search_for_never_reaches_the_log(line, written):
    assert redact_line(line) == written


def test_a_record_of_the_standard_library_is_redacted_with_its_traceback():
    formatter = structlog.stdlib.ProcessorFormatter(
        processor=structlog.processors.JSONRenderer(), foreign_pre_chain=shared_processors
    )
    try:
        raise ValueError("bad path /t/secret-token/")
    except ValueError as error:
        details = (type(error), error, error.__traceback__)
    record = logging.LogRecord("django", logging.ERROR, __file__, 1, "failed at %s", ("/s/other-token/",), details)

    written = json.loads(formatter.format(record))

    assert written["event"] == "failed at /s/[private link]/"
    assert "/t/[private link]/" in written["exception"]
    assert "secret-token" not in json.dumps(written)
