"""The HTML part is made from the text: every part of it, and nothing that hides where a link leads."""

import pytest

from notifications.services.wording.html import html_of

SITE = "https://desk.example"


def body(text: str) -> str:
    return html_of(text, site_url=SITE).body


def test_facts_stand_in_a_table():
    assert body("Order: SO-1\nYour reference: A & B") == (
        '<table class="facts">'
        '<tr><th scope="row">Order:</th><td>SO-1</td></tr>'
        '<tr><th scope="row">Your reference:</th><td>A &amp; B</td></tr>'
        "</table>"
    )


@pytest.mark.parametrize(
    "sentence", ["Thank you: we pack it now.", "Can you tell us: when?", "Hello Note: Bolt,", "3: a number", "No colon"]
)
def test_a_sentence_is_no_fact(sentence):
    assert body(sentence) == f"<p>{sentence}</p>"


def test_items_stand_in_a_table_under_their_heading_with_their_details():
    assert body("Ships next:\n- 1,200 m Cable 3 × 1.5 (CAB-9)\n  by 3 October\n  in one piece\n- 3 × Lamp (L)") == (
        '<table class="lines">'
        '<tr><th colspan="2" scope="col">Ships next:</th></tr>'
        '<tr><td class="number">1,200 m</td><td>Cable 3 × 1.5 <span class="muted">(CAB-9)</span>'
        '<br><span class="detail">by 3 October</span><br><span class="detail">in one piece</span></td></tr>'
        '<tr><td class="number">3 ×</td><td>Lamp <span class="muted">(L)</span></td></tr>'
        "</table>"
    )


def test_a_list_with_one_point_that_is_no_item_is_a_list():
    assert body("Look:\n- 3 × Lamp (L)\n- one\n  and more\nThen go on.") == (
        "<p>Look:</p><ul><li>3 × Lamp (L)</li><li>one<br>and more</li></ul><p>Then go on.</p>"
    )


def test_paragraphs_and_headings():
    assert body("=== News ===\n\nFirst\nsecond line\n\n\nThird") == (
        "<h2>News</h2>\n<p>First<br>second line</p>\n<p>Third</p>"
    )


def test_a_link_of_ours_is_a_button_with_words():
    assert body(f"Track your order: {SITE}/t/a?b=1&c=2") == (
        '<table class="button" role="presentation"><tr><td>'
        f'<a href="{SITE}/t/a?b=1&amp;c=2">Track your order</a></td></tr></table>'
    )


@pytest.mark.parametrize(
    "address", ["https://bank.example/", "https://desk.example.bank.example/", "http://desk.example/"]
)
def test_a_link_of_somebody_else_shows_where_it_leads(address):
    assert f'<a href="{address}">{address}</a>' in body(f"Track your order: {address}")


def test_the_footer_stands_below_the_last_line_of_two_hyphens():
    parts = html_of(f"A\n--\nB\n\n--\nBecause of your order.\nOur desk: {SITE}", site_url=SITE)

    assert parts.body == "<p>A<br>--<br>B</p>"
    assert parts.footer == f'<p>Because of your order.</p><p><a href="{SITE}">Our desk</a></p>'


def test_without_two_hyphens_all_is_body():
    assert html_of("A\n\nB", site_url=SITE)[:2] == ("<p>A</p>\n<p>B</p>", "")


def test_the_summary_is_the_first_sentence_after_the_greeting():
    assert html_of("Hello Bolt,\n\nIt <left>.\nToday.\n\nOrder: 1", site_url=SITE).summary == "It &lt;left&gt;."


def test_whatever_a_customer_wrote_is_text():
    page = html_of('<b>: "x"\n\n- 3 × <i> (<u>)\n  <s>\n\n=== <h> ===\n\n--\n<p>: <q>', site_url=SITE)

    for tag in ("<b>", "<i>", "<u>", "<s>", "<h>", "<q>", "<p>:"):
        assert tag not in page.body + page.footer
