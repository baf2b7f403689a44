"""Directories and their refreshes: what comes into force, what does not come back, and what a refresh cannot do."""

import msgspec
import pytest

from unit.sdk.setting_cases import CODE, DAY, FACTS, NOW, House, fails, make_steward
from zegel.steward import (
    RelayFacts,
    publish,
    refresh,
    sign_rulebook,
)
from zegel.steward.envelope import sign
from zegel_keys.exhibit import read
from zegel_keys.verification import read_payload
from zegel_protocol import b64
from zegel_protocol.objects import Directory, Rulebook
from zegel_protocol.rulebook.template import default_rules, default_source, read_rules


@pytest.fixture(scope="module")
def steward(tmp_path_factory):
    return make_steward(tmp_path_factory.mktemp("huis"))


@pytest.fixture
def house(steward):
    return House(steward)


def directory_of(envelope):
    return read_payload(envelope, Directory)[0]


def test_the_first_directory_puts_everything_in_force(house):
    first = directory_of(house.open())
    trust = house.trust()
    assert trust.setting is not None
    assert trust.setting.member("ocmw-gent").root_key == house.steward.partner_root.public
    assert [item.device for item in trust.devices("ocmw-gent", None)] == [house.device("first").device]
    assert (trust.relay_key, trust.rp_id, trust.origins) == (FACTS.relay_key, FACTS.rp_id, FACTS.origins)
    assert (first.version, first.issued, first.expires) == (1, NOW, NOW + 14 * DAY)
    assert (first.freshness_key, first.refresh_until) == (house.steward.freshness.public, NOW + 90 * DAY)


def test_the_next_directory_carries_over_what_is_not_given(house):
    first = directory_of(house.open())
    house.list_devices(house.device("second"))
    second = directory_of(house.take(publish(house.known, house.keys, NOW + 9)))
    assert len(house.trust().devices("ocmw-gent", None)) == 2
    assert second.version == 2
    assert second.devices[0].devices == house.known.lists["ocmw-gent"][-1].d
    same = ("memberships", "rulebook", "relay_key", "log_key", "rp_id", "origins", "bundles", "freshness_key")
    assert [getattr(second, name) for name in same] == [getattr(first, name) for name in same]


def test_a_first_directory_needs_a_rulebook_and_a_relay(house):
    with fails("rulebook.missing"):
        publish(house.known, house.keys, NOW, relay=FACTS)
    with fails("relay.missing"):
        publish(house.known, house.keys, NOW, rulebook=house.rulebook())


@pytest.mark.parametrize("times", [{"life": 14 * DAY + 1}, {"life": 0}, {"refresh_for": 90 * DAY + 1}])
def test_a_directory_is_never_long_lived(house, times):
    house.open()
    with fails("directory.life"):
        publish(house.known, house.keys, NOW, **times)


def test_who_is_left_out_comes_back_by_the_stewards_word_only(house):
    house.open()
    with fails("partner.unknown"):
        publish(house.known, house.keys, NOW, without=["huis-x"])
    house.take(publish(house.known, house.keys, NOW, without=["ocmw-gent"]))
    assert house.trust().devices("ocmw-gent", None) == ()
    # The relay still shows the membership and the devices.
    house.take(publish(house.known, house.keys, NOW + 1))
    assert house.known.listed == {}
    house.take(publish(house.known, house.keys, NOW + 2, memberships=[house.admit()]))
    assert house.known.listed["ocmw-gent"].payload.version == 2


def test_an_old_membership_file_puts_nothing_back(house):
    house.open()
    old = house.known.envelope(house.known.listed["ocmw-gent"].d)
    house.take(publish(house.known, house.keys, NOW, memberships=[house.admit(name="OCMW Nieuw")]))
    house.take(publish(house.known, house.keys, NOW, memberships=[old]))
    assert house.trust().setting.member("ocmw-gent").name == "OCMW Nieuw"


def test_a_membership_that_a_relay_shows_is_not_listed_by_itself(house):
    house.open()
    house.admit("clb-gent", sector="clb")
    house.take(publish(house.known, house.keys, NOW))
    assert set(house.known.listed) == {"ocmw-gent"}


def test_an_edited_rulebook_comes_into_force(house):
    house.open()
    text = default_source().decode()
    assert text.count('"languages": ["nl", "en"]') == 1
    rules = read_rules(text.replace('"languages": ["nl", "en"]', '"languages": ["nl"]').encode())
    assert rules != default_rules()
    book = house.rulebook(rules)
    assert read_payload(book, Rulebook)[0].version == 2
    assert house.trust().setting.rulebook.payload.version == 1
    house.take(publish(house.known, house.keys, NOW, rulebook=book))
    assert house.trust().setting.rulebook.payload.languages == ("nl",)


def test_an_edit_of_other_rules_gives_no_new_days_to_accept_the_code(house):
    def signed(at: int, digest: str) -> Rulebook:
        book = sign_rulebook(house.known, house.keys, at, name="Rules", code_version="1.0", code_digest=digest)
        return read_payload(house.take(book), Rulebook)[0]

    house.open()
    other = b64.encode(b"o" * 32)
    assert [signed(NOW + DAY, digest).code_from for digest in (CODE, other)] == [NOW, NOW + DAY]
    assert signed(NOW + 2 * DAY, other).code_from == NOW + DAY


def test_a_relay_that_hides_a_device_list_is_found_out(house):
    house.open()
    house.list_devices(house.device("second"))
    house.take(publish(house.known, house.keys, NOW))
    house.held = [item for item in house.held if item != house.known.envelope(house.known.lists["ocmw-gent"][-1].d)]
    with fails("directory.incomplete"):
        publish(house.known, house.keys, NOW)


def test_a_refresh_gives_new_times_and_devices(house, steward):
    first = house.open()
    house.list_devices(house.device("second"))
    made = directory_of(house.take(refresh(house.known, steward.freshness, NOW + 10 * DAY)))
    assert (made.version, made.base, made.expires) == (2, read(first).d, NOW + 24 * DAY)
    assert len(house.trust().devices("ocmw-gent", None)) == 2
    again = directory_of(house.take(refresh(house.known, steward.freshness, NOW + 89 * DAY)))
    assert (again.version, again.base) == (3, made.base)
    assert again.expires == again.refresh_until == NOW + 90 * DAY
    with fails("refresh.ended"):
        refresh(house.known, steward.freshness, NOW + 90 * DAY)
    published = directory_of(house.take(publish(house.known, house.keys, NOW + 91 * DAY)))
    assert (published.version, published.base) == (4, None)


def test_a_refresh_needs_the_key_that_the_steward_named(house, steward):
    with fails("directory.missing"):
        refresh(house.known, steward.freshness, NOW)
    house.open()
    with fails("refresh.key"):
        refresh(house.known, steward.partner_root, NOW)
    house.take(publish(house.known, house.keys, NOW, refresh_for=0))
    with fails("refresh.key"):
        refresh(house.known, steward.freshness, NOW)


def forged(house, **changes):
    """Return a refresh in which the freshness key changes more than it may."""
    honest = directory_of(refresh(house.known, house.steward.freshness, NOW + 1))
    return sign(msgspec.structs.replace(honest, **changes), [house.steward.freshness.signing_key])


def test_a_refresh_admits_nobody(house):
    house.open()
    house.admit("clb-gent", sector="clb")
    both = tuple(sorted(chain[-1].d for chain in house.known.members.values()))
    house.take(forged(house, memberships=both))
    with fails("directory.refresh"):
        house.trust()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memberships", ()),
        ("relay_key", CODE),
        ("log_key", CODE),
        ("rp_id", "evil.example"),
        ("origins", ("https://evil.example",)),
        ("bundles", (CODE,)),
        ("freshness_key", CODE),
        ("refresh_until", NOW + 900 * DAY),
        ("rulebook", CODE),
    ],
)
def test_a_refresh_changes_nothing_else_either(house, field, value):
    house.open()
    house.take(forged(house, **{field: value}))
    with fails("directory.refresh"):
        house.trust()


def test_the_freshness_key_signs_no_directory_of_its_own(house):
    house.open()
    house.take(forged(house, base=None))
    with fails("signature.unknown"):
        house.trust()


def test_another_relay_or_portal_is_the_stewards_word(house):
    house.open()
    moved = RelayFacts(FACTS.relay_key, FACTS.log_key, "elsewhere.example", ("https://elsewhere.example",), (CODE,))
    house.take(publish(house.known, house.keys, NOW, relay=moved))
    assert house.trust().rp_id == "elsewhere.example"
    bad = RelayFacts(FACTS.relay_key, FACTS.log_key, "elsewhere.example", ("elsewhere.example/path",))
    with fails("object.malformed"):
        publish(house.known, house.keys, NOW, relay=bad)
