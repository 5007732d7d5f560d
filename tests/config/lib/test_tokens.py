from uuid import UUID, uuid4

import pytest

from config.lib.tokens import NO_REFERENCE, LinkKind, reference_of, stand_in, token_of, with_tokens

REFERENCE = UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
OLD, NEW = "the-old-key-of-the-desk-" + "o" * 40, "the-new-key-of-the-desk-" + "n" * 40


@pytest.fixture(params=LinkKind)
def kind(request) -> LinkKind:
    return request.param


def test_a_token_leads_back_to_its_reference_and_carries_256_bits_more(kind):
    token = token_of(kind, REFERENCE)

    assert reference_of(kind, token) == REFERENCE
    assert len(token.partition(".")[2]) == 43


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:-1],
        lambda token: token[1:],
        lambda token: token.replace(REFERENCE.hex, uuid4().hex),
        lambda token: token.partition(".")[0],
        lambda token: stand_in(REFERENCE),
        lambda token: token + "\udcff",
        lambda token: "",
    ],
)
def test_what_we_did_not_sign_leads_to_a_reference_that_no_row_has(kind, forge):
    assert reference_of(kind, forge(token_of(kind, REFERENCE))) == NO_REFERENCE


def test_a_link_opens_one_kind_of_page_only():
    opened = {
        (one, other) for one in LinkKind for other in LinkKind if reference_of(other, token_of(one, REFERENCE)).int
    }

    assert opened == {(kind, kind) for kind in LinkKind}


def test_a_new_key_keeps_the_links_of_the_old_one_open_until_it_is_dropped(settings, kind):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    sent = token_of(kind, REFERENCE)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    sent_again = token_of(kind, REFERENCE)
    opened = [reference_of(kind, token) for token in (sent, sent_again)]
    settings.SECRET_KEY_FALLBACKS = []

    assert opened == [REFERENCE, REFERENCE]
    assert [reference_of(kind, token) for token in (sent, sent_again)] == [NO_REFERENCE, REFERENCE]


def test_tokens_come_into_the_emails_own_links_only(kind):
    own, foreign = (f"https://desk.example/{kind}/{stand_in(link)}/" for link in (REFERENCE, uuid4()))

    text = with_tokens(f"{own}stop/ or {foreign}", own=[own, "", "https://desk.example/orders/1/"])

    assert text == f"https://desk.example/{kind}/{token_of(kind, REFERENCE)}/stop/ or {foreign}"
