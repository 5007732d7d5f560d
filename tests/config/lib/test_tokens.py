from config.lib.tokens import new_token, token_hash


def test_no_two_tokens_are_alike_and_each_carries_256_bits():
    tokens = {new_token() for _ in range(1000)}

    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {43}


def test_the_same_token_always_has_the_same_hash_and_the_hash_does_not_show_it():
    token = new_token()

    assert token_hash(token) == token_hash(token) != token_hash(new_token())
    assert token not in token_hash(token)
