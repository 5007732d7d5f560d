"""What a staff-written text may say, and what it may not."""

import pytest

from notifications.errors import TemplateRefused
from notifications.models import TemplateVersion
from notifications.payloads import PAYLOADS
from notifications.services.rendering import render_payload
from notifications.services.wording.language import DEEPEST_LOOP, LONGEST_SOURCE, compiled
from notifications.services.wording.shipped import shipped_wording
from tests.factories.notifications import order_mail, some_mail

LANGUAGES = ("en", "de")


def written(kind: str, *, subject: str = "A subject", body: str = "A body", language: str = "en") -> TemplateVersion:
    return TemplateVersion(kind=kind, language=language, number=1, subject=subject, body=body)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PAYLOADS)
def test_the_small_language_can_say_all_that_the_shipped_files_say(kind, language):
    subject, body = shipped_wording(kind, language)
    mail = some_mail(kind)
    shipped = render_payload(mail, language=language, preferences_url="https://desk.example/m/x/")

    own = render_payload(
        mail,
        language=language,
        preferences_url="https://desk.example/m/x/",
        version=written(kind, subject=subject, body=body, language=language),
    )

    assert own.subject == shipped.subject
    assert own.text == shipped.text


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("Hello\n{{ mail.password }}", "Line 2: There is no field “mail.password”."),
        ("{{ mail.to_context }}", "Line 1: There is no field “mail.to_context”."),
        ("{{ mail.from_context }}", "Line 1: There is no field “mail.from_context”."),
        ("{{ mail.customer_name.upper }}", "Line 1: There is no field “mail.customer_name.upper”."),
        ("{{ mail.__class__ }}", "Line 1: Variables and attributes may not begin with underscores"),
        ("{{ settings.SECRET_KEY }}", "Line 1: There is no field “settings.SECRET_KEY”."),
        ("{{ request }}", "Line 1: There is no field “request”."),
        ("\n\n{% load static %}", "Line 3: Invalid block tag"),
        ('{% include "secret.txt" %}', "Line 1: Invalid block tag"),
        ('{% extends "base.html" %}', "Line 1: Invalid block tag"),
        ("{% debug %}", "Line 1: Invalid block tag"),
        ("{% url 'admin:index' %}", "Line 1: Invalid block tag"),
        ("{% now 'Y' %}", "Line 1: Invalid block tag"),
        ("{{ mail.customer_name|safe }}", "Line 1: Invalid filter: 'safe'"),
        ("{{ mail.customer_name|default:mail.secret }}", "Line 1: There is no field “mail.secret”."),
        ("{% if mail.secret == 1 and not mail.x %}{% endif %}", "Line 1: There is no field “mail.secret”."),
        ("{% for line in mail.lines %}{{ line.cost }}{% endfor %}", "Line 1: There is no field “line.cost”."),
        ("{% for line in mail.lines %}{% endfor %}{{ line.sku }}", "Line 1: There is no field “line.sku”."),
        ("{% for letter in mail.customer_name %}{% endfor %}", "“mail.customer_name” is not a list"),
        ("{% with a=mail.nothing %}{{ a }}{% endwith %}", "Line 1: There is no field “mail.nothing”."),
        ("{% if mail.lines %}", "Unclosed tag"),
        ("{{ mail.shipment_number }}", "There is no field “mail.shipment_number”."),
        ("x" * (LONGEST_SOURCE + 1), "more than 20000 characters"),
        (
            "{% for a in mail.lines %}" * (DEEPEST_LOOP + 1) + "{% endfor %}" * (DEEPEST_LOOP + 1),
            "No more than 3 loops inside each other.",
        ),
    ],
)
def test_whatever_is_not_declared_is_refused_by_name_and_line(source, problem):
    with pytest.raises(TemplateRefused) as refusal:
        compiled(source, "order_received")

    assert problem in str(refusal.value)


def test_a_value_of_the_customer_is_text_never_markup_or_a_template():
    mail = order_mail(customer_name="<b>Vogel</b> {{ mail.lines }} & Söhne")

    email = render_payload(
        mail, language="en", version=written("order_received", body="Hello {{ mail.customer_name }}")
    )

    assert email.text == "Hello <b>Vogel</b> {{ mail.lines }} & Söhne\n"
    assert "<b>" not in email.html
    assert "&lt;b&gt;Vogel&lt;/b&gt; {{ mail.lines }} &amp; Söhne" in email.html


def test_the_subject_stays_one_line():
    email = render_payload(
        order_mail(), language="en", version=written("order_received", subject="{% if 1 %}\nOrder\n{% endif %} in")
    )

    assert email.subject == "Order in"


def test_paragraphs_lists_headings_and_links_become_html():
    body = "=== News ===\n\nFirst\nsecond line\n\n- one\n  and more\n- two\n\nSee https://desk.example/a?b=1&c=2\n\n--\nFooter"

    html = render_payload(order_mail(), language="en", version=written("order_received", body=body)).html

    assert ">News</h2>" in html
    assert "First<br>second line</p>" in html
    assert html.count("</li>") == 2
    assert "one<br>and more</li>" in html
    assert 'href="https://desk.example/a?b=1&amp;c=2"' in html
    assert html.index("Footer") > html.index('class="footer"')
