"""A client's seed opens with each passkey and with the printed code, and with nothing else."""

import hashlib
import hmac
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zegel_demo.passkey import SoftwarePasskey
from zegel_keys import spoken_code
from zegel_keys.client_seed import (
    PRF_SALT,
    ClientSeed,
    new_recovery_code,
    read_recovery_code,
    recovery_name,
    unwrap_under_device,
    unwrap_under_prf,
    unwrap_under_recovery_code,
)
from zegel_keys.signing import check
from zegel_protocol import b64
from zegel_protocol.errors import SealError

SEED = ClientSeed(bytes(range(32)))
PASSKEY = SoftwarePasskey("portaal.huis.example", "https://portaal.huis.example")
PRF = PASSKEY.prf(PRF_SALT)
CODE = new_recovery_code()


def code_of_unwrap(wrapped: bytes, prf: bytes = PRF, credential: str = PASSKEY.credential) -> str:
    with pytest.raises(SealError) as caught:
        unwrap_under_prf(wrapped, prf, credential)
    return caught.value.code


def same(one: ClientSeed, other: ClientSeed) -> bool:
    return one.identity_key.public == other.identity_key.public and one.seal_key_seed == other.seal_key_seed


def test_the_derived_keys_are_pinned() -> None:
    """A seed opens files for decades: what grows from it never changes. Computed apart, with HMAC from RFC 5869."""

    def hkdf(info: bytes) -> bytes:
        extracted = hmac.digest(bytes(32), bytes(range(32)), hashlib.sha256)
        return hmac.digest(extracted, info + b"\x01", hashlib.sha256)

    assert SEED.seal_key_seed == hkdf(b"zegel/client-seed/seal/1\0")
    assert SEED.identity_key.seed == hkdf(b"zegel/client-seed/identity/1\0")


def test_new_seeds_differ_and_their_two_keys_differ() -> None:
    one, other = ClientSeed.generate(), ClientSeed.generate()
    assert len({one.seal_key_seed, other.seal_key_seed, one.identity_key.seed, other.identity_key.seed}) == 4


def test_the_identity_key_signs() -> None:
    check(SEED.identity_key.public, b"message", SEED.identity_key.sign(b"message"))


def test_the_secret_is_not_in_its_repr() -> None:
    shown = repr(SEED)
    assert SEED.identity_key.public in shown
    assert not any(secret in shown for secret in (b64.encode(bytes(range(32))), bytes(range(32)).hex()))


@pytest.mark.parametrize("alg", ["es256", "eddsa"])
def test_each_passkey_opens_its_own_wrap(alg: str) -> None:
    passkey = SoftwarePasskey(PASSKEY.rp_id, PASSKEY.origin, alg)
    wrapped = SEED.wrap_under_prf(passkey.prf(PRF_SALT), passkey.credential)
    assert len(wrapped) == 60
    assert same(unwrap_under_prf(wrapped, passkey.prf(PRF_SALT), passkey.credential), SEED)


def test_the_printed_code_opens_its_wrap() -> None:
    wrapped = SEED.wrap_under_recovery_code(CODE)
    assert same(unwrap_under_recovery_code(wrapped, CODE), SEED)
    assert same(unwrap_under_recovery_code(wrapped, "  " + CODE.lower().replace("-", " \u2013 ")), SEED)


def test_wrapping_twice_gives_other_bytes() -> None:
    assert SEED.wrap_under_prf(PRF, PASSKEY.credential) != SEED.wrap_under_prf(PRF, PASSKEY.credential)
    assert SEED.wrap_under_recovery_code(CODE) != SEED.wrap_under_recovery_code(CODE)


def test_nothing_else_opens_a_wrap() -> None:
    wrapped = SEED.wrap_under_prf(PRF, PASSKEY.credential)
    other = SoftwarePasskey(PASSKEY.rp_id, PASSKEY.origin)
    assert code_of_unwrap(wrapped, prf=other.prf(PRF_SALT)) == "seed.unopenable"
    assert code_of_unwrap(wrapped, prf=PASSKEY.prf(b"another salt")) == "seed.unopenable"
    assert code_of_unwrap(wrapped, credential=other.credential) == "seed.unopenable"
    assert code_of_unwrap(SEED.wrap_under_recovery_code(CODE)) == "seed.unopenable"
    for attempt in (wrapped, SEED.wrap_under_recovery_code(new_recovery_code())):
        with pytest.raises(SealError) as caught:
            unwrap_under_recovery_code(attempt, CODE)
        assert caught.value.code == "seed.unopenable"


def test_any_changed_or_missing_byte_makes_a_wrap_unopenable() -> None:
    wrapped = SEED.wrap_under_prf(PRF, PASSKEY.credential)
    for at in range(len(wrapped)):
        changed = bytearray(wrapped)
        changed[at] ^= 1
        assert code_of_unwrap(bytes(changed)) == "seed.unopenable"
    for broken in (b"", wrapped[:-1], wrapped + b"\0"):
        assert code_of_unwrap(broken) == "seed.unopenable"


@pytest.mark.parametrize("prf", [b"", bytes(31), bytes(33)])
def test_no_wrap_is_made_without_a_whole_prf_result(prf: bytes) -> None:
    with pytest.raises(SealError) as caught:
        SEED.wrap_under_prf(prf, PASSKEY.credential)
    assert caught.value.code == "seed.prf"
    assert code_of_unwrap(SEED.wrap_under_prf(PRF, PASSKEY.credential), prf=prf) == "seed.unopenable"


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_seed_has_32_bytes(size: int) -> None:
    with pytest.raises(SealError) as caught:
        ClientSeed(bytes(size))
    assert caught.value.code == "seed.unopenable"


def test_a_code_prints_as_seven_groups_of_four_of_crockfords_symbols() -> None:
    codes = [new_recovery_code() for _ in range(200)]
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert [len(group) for group in code.split("-")] == [4] * 7
        assert set(code) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")
        assert read_recovery_code(code) == code.replace("-", "")[:-1]
    # 135 random bits: every one of the 27 places takes many values.
    assert all(len({code.replace("-", "")[place] for code in codes}) > 16 for place in range(27))


def malformed(typed: str) -> bool:
    try:
        read_recovery_code(typed)
    except SealError as error:
        return error.code == "recovery-code.malformed"
    return False


def test_every_single_mistyped_symbol_is_found() -> None:
    symbols = CODE.replace("-", "")
    for at, wrong in itertools.product(range(len(symbols)), spoken_code.SYMBOLS):
        typed = symbols[:at] + wrong + symbols[at + 1 :]
        assert malformed(typed) == (wrong != symbols[at])


def test_every_exchange_of_neighbours_is_found() -> None:
    symbols = CODE.replace("-", "")
    for at in range(len(symbols) - 1):
        typed = symbols[:at] + symbols[at + 1] + symbols[at] + symbols[at + 2 :]
        assert malformed(typed) == (symbols[at] != symbols[at + 1])


@pytest.mark.parametrize("typed", ["", "-", CODE[:-1], CODE + "0", CODE[:-1] + "*", CODE[:-1] + "U", "?" + CODE[1:]])
def test_a_code_of_another_form_is_refused(typed: str) -> None:
    assert malformed(typed)


def test_look_alikes_are_read_as_the_digits_that_were_printed() -> None:
    code = next(code for code in iter(new_recovery_code, "") if "1" in code and "0" in code)
    for one, zero in itertools.product("1IiLl", "0Oo"):
        assert read_recovery_code(code.replace("1", one).replace("0", zero)) == code.replace("-", "")[:-1]


@given(st.text(max_size=60))
def test_arbitrary_text_raises_only_seal_errors(typed: str) -> None:
    assert malformed(typed)


def test_a_device_and_the_relay_open_it_together_and_neither_alone():
    secret, share = bytes(range(32)), bytes(range(32, 64))
    wrapped = SEED.wrap_under_device(secret, share, PASSKEY.credential)
    assert same(unwrap_under_device(wrapped, secret, share, PASSKEY.credential), SEED)
    other = b64.encode(bytes(32))
    for ours, theirs, credential in (
        (secret, bytes(32), PASSKEY.credential),
        (bytes(32), share, PASSKEY.credential),
        (share, secret, PASSKEY.credential),
        (secret, share, other),
    ):
        with pytest.raises(SealError) as caught:
            unwrap_under_device(wrapped, ours, theirs, credential)
        assert caught.value.code == "seed.unopenable"


@pytest.mark.parametrize(("ours", "theirs"), [(31, 32), (32, 31), (33, 31), (0, 64), (64, 0)])
def test_secret_and_share_have_their_length(ours, theirs):
    with pytest.raises(SealError) as caught:
        SEED.wrap_under_device(bytes(ours), bytes(theirs), PASSKEY.credential)
    assert caught.value.code == "seed.device"


def test_the_name_of_a_code_is_of_no_use_to_open_it():
    name = recovery_name(CODE)
    assert name == recovery_name(CODE.lower().replace("-", " "))
    assert name != recovery_name(new_recovery_code())
    wrapped = SEED.wrap_under_recovery_code(CODE)
    with pytest.raises(SealError):
        unwrap_under_prf(wrapped, b64.decode(name), PASSKEY.credential)
    with pytest.raises(SealError) as caught:
        recovery_name(CODE[:-1])
    assert caught.value.code == "recovery-code.malformed"
