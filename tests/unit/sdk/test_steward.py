"""The steward's objects, each made and then verified as any party would: from nothing but the id of the Huis."""

from typing import Any

import msgspec
import pytest

from unit.sdk.setting_cases import CODE, DAY, FACTS, NOW, PASSPHRASE, House, fails, make_steward
from zegel.steward import (
    StewardFolder,
    admit,
    found,
    join_request,
    publish,
    read_huis,
    read_join_request,
    read_known,
    sign_rulebook,
)
from zegel.steward.envelope import sign
from zegel_keys.exhibit import read
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.trust import read_root
from zegel_keys.verification import verify
from zegel_protocol import dsse, encoding
from zegel_protocol.objects import DeviceList, Membership, Root, Rulebook
from zegel_protocol.objects.root import huis_id


@pytest.fixture(scope="module")
def steward(tmp_path_factory):
    return make_steward(tmp_path_factory.mktemp("huis"))


@pytest.fixture
def house(steward):
    return House(steward)


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


def test_who_stands_behind_a_volunteer_is_a_member_of_law_or_office(house):
    house.admit()
    house.admit("buddy-rik", sector="volunteer", secrecy="pledge", name="Buddy Rik", host="ocmw-gent")
    assert house.known.members["buddy-rik"][-1].payload.host == "ocmw-gent"
    for host in ("nobody", "buddy-rik"):
        asked = house.request("buddy-ana", sector="volunteer", secrecy="pledge", name="Buddy Ana", host=host)
        with fails("membership.host"):
            admit(house.known, asked, house.keys, NOW)
    alone = house.request("buddy-ana", sector="volunteer", secrecy="pledge", name="Buddy Ana")
    assert b"host" not in admit(house.known, alone, house.keys, NOW)


def test_a_membership_lasts_a_day_at_least(house):
    with fails("membership.dates"):
        admit(house.known, house.request(), house.keys, NOW, term=DAY - 1)


def test_a_rulebook_says_which_code_it_serves(house):
    with fails("object.malformed"):
        sign_rulebook(house.known, house.keys, NOW, name="Rules", code_version="1.0", code_digest="no digest")


def test_nothing_of_another_huis_is_believed(house, tmp_path):
    other = found(tmp_path / "other", PASSPHRASE, "Other", 1, 1, "interactive")
    with fails("root.foreign"):
        read_known(house.huis, [read(other.root_envelope)])
    with fails("root.missing"):
        read_known(house.huis, [])


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


def test_a_device_list_by_any_other_key_is_not_believed(house, steward):
    house.open()
    last = house.known.lists["ocmw-gent"][-1]
    made = msgspec.structs.replace(last.payload, version=2, prev=last.d, devices=())
    with fails("signature.unknown"):
        house.known.with_more([sign(made, [steward.keys[0].signing_key])])
    assert verify(sign(made, [steward.partner_root.signing_key]), DeviceList, house.trust()).payload.devices == ()
