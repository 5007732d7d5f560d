import pytest
from django.utils.text import slugify

from config.lib.glossary import GLOSSARY
from config.lib.template_tags import term
from tests.factories.staff import StaffFactory

# What the program calls things; people of the trade do not.
NOT_THE_TRADES = ("pool", "shard", "queue date", "supply version", "told ")


def test_words_stand_in_alphabetical_order_and_once():
    terms = [term.casefold() for term, _ in GLOSSARY]

    assert terms == sorted(set(terms))


def test_each_word_is_explained_in_one_short_sentence():
    wrong = [term for term, sentence in GLOSSARY if len(sentence) > 110 or sentence.count(". ") or sentence[-1] != "."]

    assert wrong == []


def test_the_explanations_speak_the_words_of_the_trade():
    found = [(term, word) for term, sentence in GLOSSARY for word in NOT_THE_TRADES if word in sentence.casefold()]

    assert found == []


@pytest.mark.django_db
def test_the_page_of_words_explains_each_of_them(client):
    client.force_login(StaffFactory())

    page = client.get("/help/words/").content.decode()

    assert [term for term, _ in GLOSSARY if f'id="{slugify(term)}"' not in page] == []


def test_a_word_of_the_trade_leads_to_its_explanation():
    sentence = "Units that are in the warehouse, allocated or not."

    assert term("On hand") == f'<a class="term" href="/help/words/#on-hand" title="{sentence}">On hand</a>'
    assert term("Shoe size") == "Shoe size"
