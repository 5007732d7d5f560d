from config.glossary import GLOSSARY

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
