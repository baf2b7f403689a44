"""The steward's objects, each made and then verified as any party would: from nothing but the id of the Huis."""

from typing import Any

import msgspec
import pytest

from unit.sdk.setting_cases import CODE, DAY, FACTS, NOW, PASSPHRASE, House, fails, make_steward
from zegel.steward import (
    RelayFacts,
    StewardFolder,
    admit,
    found,
    join_request,
    publish,
    read_huis,
    read_join_request,
    read_known,
    refresh,
    sign_rulebook,
)
from zegel.steward.envelope import sign
from zegel_keys.exhibit import read
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.trust import read_root
from zegel_keys.verification import read_payload, verify
from zegel_protocol import dsse, encoding
from zegel_protocol.objects import DeviceList, Directory, Membership, Root, Rulebook
from zegel_protocol.objects.root import huis_id
from zegel_protocol.rulebook.template import default_rules, default_source, read_rules


@pytest.fixture(scope="module")
def steward(tmp_path_factory):
    return make_steward(tmp_path_factory.mktemp("huis"))


@pytest.fixture
def house(steward):
    return House(steward)


def directory_of(envelope):
    return read_payload(envelope, Directory)[0]


def test_a_founding_commits_to_its_roots_and_threshold(steward):
    founding = steward.founding
    assert founding.huis == huis_id(tuple(key.public for key in steward.keys), 2)
    root = read_root(founding.root_envelope, None, founding.huis)
    assert (root.payload.version, root.payload.threshold, len(root.payload.roots)) == (1, 2, 3)
    assert read_huis(steward.place.huis_path) == founding.file
    assert founding.file.freshness_key == steward.freshness.public
    assert [item.d for item in steward.place.kept()] == [root.d]
    assert {path.stat().st_mode & 0o77 for path in steward.place.path.rglob("*")} == {0}


@pytest.mark.parametrize(("roots", "threshold"), [(1, 2), (0, 0), (17, 1), (2, 0)])
def test_a_threshold_that_cannot_be_reached_founds_nothing(tmp_path, roots, threshold):
    with fails("huis.threshold"):
        found(tmp_path / "new", PASSPHRASE, "Huis", roots, threshold, "interactive")
    assert not (tmp_path / "new").exists()


def test_a_huis_is_never_founded_over_another(steward):
    before = steward.place.huis_path.read_bytes()
    with fails("keystore.exists"):
        found(steward.place.path, PASSPHRASE, "Other", 1, 1, "interactive")
    assert steward.place.huis_path.read_bytes() == before


def test_the_freshness_key_may_have_a_passphrase_of_its_own(tmp_path):
    found(tmp_path / "new", PASSPHRASE, "Huis", 1, 1, "interactive", freshness_passphrase="another")
    place = StewardFolder(tmp_path / "new")
    with fails("keystore.passphrase"):
        KeyFile.open(place.freshness_path, PASSPHRASE)
    assert KeyFile.open(place.freshness_path, "another").public == place.huis.freshness_key


def test_a_huis_file_that_names_other_roots_is_none(steward, tmp_path):
    file = steward.founding.file
    changed = msgspec.structs.replace(file.genesis, threshold=1)
    text = encoding.encode(file).replace(encoding.encode(file.genesis), encoding.encode(changed))
    (tmp_path / "huis.json").write_bytes(text)
    with fails("object.malformed"):
        read_huis(tmp_path / "huis.json")


def test_two_of_three_keys_sign_and_one_never_does(house, steward):
    request = house.request()
    for keys in (steward.keys[:1], steward.keys[:1] * 2):
        with fails("steward.threshold"):
            admit(house.known, request, keys, NOW)
    with fails("steward.key"):
        admit(house.known, request, [*house.keys, steward.partner_root], NOW)
    held = house.known.with_more([admit(house.known, request, steward.keys[1:], NOW)]).members["ocmw-gent"][-1]
    assert len(held.signed_by("steward")) == 2
    one_signer = sign(held.payload, [steward.keys[0].signing_key])
    with fails("signature.missing"):
        house.known.with_more([one_signer])


def test_a_request_to_join_proves_its_key(house, steward):
    asked: dict[str, Any] = {
        "partner": "ocmw-gent", "name": "OCMW", "actor": "professional", "secrecy": "penal", "sector": "ocmw"
    }  # fmt: skip
    envelope = join_request(steward.partner_root, house.huis, **asked, now=NOW)
    request = read_join_request(envelope, house.huis)
    assert (request.root_key, request.name) == (steward.partner_root.public, "OCMW")
    with fails("huis.foreign"):
        read_join_request(envelope, CODE)
    media_type, body, signatures = dsse.open_envelope(envelope)
    stolen = body.replace(steward.partner_root.public.encode(), steward.keys[0].public.encode())
    with fails("signature.invalid"):
        read_join_request(dsse.seal_envelope(media_type, stolen, signatures), house.huis)
    with fails("object.malformed"):
        join_request(steward.partner_root, house.huis, **{**asked, "partner": "No Slug"}, now=NOW)


def test_a_request_and_an_object_never_pass_for_each_other(house, steward):
    with fails("envelope.type"):
        read_join_request(steward.founding.root_envelope, house.huis)
    asked = join_request(
        steward.partner_root, house.huis, partner="a", name="A", actor="professional", secrecy="penal", sector="ocmw",
        now=NOW,
    )  # fmt: skip
    with fails("envelope.type"):
        read(asked)


def test_memberships_of_a_partner_form_a_chain(house):
    house.admit()
    house.admit(name="OCMW Gent-Noord")
    first, second = house.known.members["ocmw-gent"]
    assert (second.payload.version, second.payload.prev, second.payload.name) == (2, first.d, "OCMW Gent-Noord")
    del house.held[1]
    with fails("chain.gap"):
        assert house.known


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"sector": "police"}, "sector.unknown"), ({"sector": "volunteer", "secrecy": "penal"}, "sector.secrecy")],
)
def test_a_partner_is_what_the_rulebook_says_its_sector_is(house, facts, code):
    book = house.rulebook()
    with fails(code):
        admit(house.known, house.request(**facts), house.keys, NOW)
    # Admitted before there was a rulebook, it is found when that comes into force.
    early = House(house.steward)
    membership = early.admit(**facts)
    with fails(code):
        publish(early.known, early.keys, NOW, memberships=[membership], rulebook=book, relay=FACTS)


def test_a_membership_lasts_a_day_at_least(house):
    with fails("membership.dates"):
        admit(house.known, house.request(), house.keys, NOW, term=DAY - 1)


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


def test_a_rulebook_says_which_code_it_serves(house):
    with fails("object.malformed"):
        sign_rulebook(house.known, house.keys, NOW, name="Rules", code_version="1.0", code_digest="no digest")


def test_a_relay_that_hides_a_device_list_is_found_out(house):
    house.open()
    house.list_devices(house.device("second"))
    house.take(publish(house.known, house.keys, NOW))
    house.held = [item for item in house.held if item != house.known.envelope(house.known.lists["ocmw-gent"][-1].d)]
    with fails("directory.incomplete"):
        publish(house.known, house.keys, NOW)


def test_nothing_of_another_huis_is_believed(house, tmp_path):
    other = found(tmp_path / "other", PASSPHRASE, "Other", 1, 1, "interactive")
    with fails("root.foreign"):
        read_known(house.huis, [read(other.root_envelope)])
    with fails("root.missing"):
        read_known(house.huis, [])


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


def test_the_folder_knows_what_waits(steward, house, tmp_path):
    place = StewardFolder(tmp_path / "folder")
    membership = house.admit()
    place.keep(membership, pending=True)
    place.keep(steward.founding.root_envelope)
    book = house.rulebook()
    place.keep(book, pending=True)
    assert [item.kind for item in place.pending()] == [Membership.KIND, Rulebook.KIND]
    assert [item.kind for item in place.kept()] == [Root.KIND, Membership.KIND, Rulebook.KIND]
    place.settle()
    assert place.pending() == ()
    assert len(place.kept()) == 3
    first = publish(house.known, house.keys, NOW, memberships=[membership], rulebook=book, relay=FACTS)
    place.require_not_older([])
    place.keep(first)
    place.require_not_older([read(first)])
    with fails("directory.older"):
        place.require_not_older([])


def test_another_relay_or_portal_is_the_stewards_word(house):
    house.open()
    moved = RelayFacts(FACTS.relay_key, FACTS.log_key, "elsewhere.example", ("https://elsewhere.example",), (CODE,))
    house.take(publish(house.known, house.keys, NOW, relay=moved))
    assert house.trust().rp_id == "elsewhere.example"
    bad = RelayFacts(FACTS.relay_key, FACTS.log_key, "elsewhere.example", ("elsewhere.example/path",))
    with fails("object.malformed"):
        publish(house.known, house.keys, NOW, relay=bad)


def test_a_device_list_by_any_other_key_is_not_believed(house, steward):
    house.open()
    last = house.known.lists["ocmw-gent"][-1]
    made = msgspec.structs.replace(last.payload, version=2, prev=last.d, devices=())
    with fails("signature.unknown"):
        house.known.with_more([sign(made, [steward.keys[0].signing_key])])
    assert verify(sign(made, [steward.partner_root.signing_key]), DeviceList, house.trust()).payload.devices == ()
