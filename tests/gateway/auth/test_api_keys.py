"""Keys: random, recognisable, known by their hashes only."""

import re

import pytest

from telegraphql.gateway.auth.api_keys import Keyring, hash_key, key_digest, new_key
from telegraphql.gateway.auth.caller import Caller


def test_no_two_keys_are_the_same_and_all_can_be_recognised() -> None:
    made = {new_key() for _ in range(1000)}
    assert len(made) == 1000
    assert [key for key in made if not re.fullmatch(r"tgq_[A-Za-z0-9_-]{43}", key)] == []


def test_a_hash_is_of_one_key_and_can_be_checked_by_hand() -> None:
    assert hash_key("tgq_x") == "sha256:9f57d532ec716ea58e91b2c33d202c9ac74723c469ebc9f0d07aabcfd0fa6270"
    assert hash_key(new_key()) != hash_key(new_key())


@pytest.mark.parametrize("wrong", ["", "tgq_", "tgq_other", "Tgq_mine", "tgq_mine ", "tgq_mïne", "tgq_\udcff"])
def test_a_key_opens_only_as_it_is(wrong: str) -> None:
    mine = Caller("me", credential_digest=key_digest("tgq_mine"))
    ring = Keyring([mine, Caller("other", credential_digest=key_digest("tgq_of-another"))])
    assert ring.owner("tgq_mine") is mine
    assert ring.owner(wrong) is None


def test_a_caller_does_not_show_its_proof() -> None:
    assert key_digest("tgq_mine").hex() not in repr(Caller("me", credential_digest=key_digest("tgq_mine")))
    assert "credential_digest" not in repr(Caller("me", credential_digest=key_digest("tgq_mine")))
