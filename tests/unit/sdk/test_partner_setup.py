"""A partner's root, devices and device lists, each verified as any party would."""

from typing import Any

import pytest

from unit.sdk.setting_cases import DAY, NOW, PASSPHRASE, House, device_request, fails, make_steward
from zegel.partner_setup import (
    device_list,
    make_device,
    make_root,
    new_id,
    read_device_request,
    renewed,
    with_device,
    without_device,
)
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.verification import read_payload
from zegel_protocol import encoding
from zegel_protocol.objects import DeviceList


@pytest.fixture(scope="module")
def steward(tmp_path_factory):
    return make_steward(tmp_path_factory.mktemp("huis"))


@pytest.fixture
def house(steward):
    return House(steward)


def test_a_root_is_made_once(steward):
    path = steward.partner_root.path
    assert KeyFile.open(path, PASSPHRASE, "partner-root").public == steward.partner_root.public
    with fails("keystore.exists"):
        make_root(path.parent, PASSPHRASE, "OCMW", "interactive")


def test_a_device_list_keeps_the_partner_s_own_rules_in_force(house, steward):
    house.admit()
    root = steward.partner_root
    first = device_list(root, house.huis, "ocmw-gent", [house.device("a")], NOW, rules="A" * 43)
    second = device_list(root, house.huis, "ocmw-gent", [house.device("b")], NOW, before=first)
    third = device_list(root, house.huis, "ocmw-gent", [house.device("b")], NOW, before=second, rules="B" * 42 + "A")
    named = [read_payload(item, DeviceList)[0].rules for item in (first, second, third)]
    assert named == ["A" * 43, "A" * 43, "B" * 42 + "A"]


def test_a_device_is_made_with_its_keystore_and_its_list(house, steward, tmp_path):
    house.admit()
    worker = new_id()
    common: dict[str, Any] = {
        "partner": "ocmw-gent",
        "name": "OCMW Gent",
        "relay": "https://relay.example",
        "cost": "interactive",
    }
    first = make_device(
        tmp_path / "a", PASSPHRASE, steward.partner_root, steward.founding.file, NOW, function="nurse", worker=worker,
        **common,
    )  # fmt: skip
    house.take(first.list_envelope)
    second = make_device(
        tmp_path / "b", PASSPHRASE, steward.partner_root, steward.founding.file, NOW, function="service", inbox=False,
        before=first.list_envelope, **common,
    )  # fmt: skip
    house.take(second.list_envelope)
    first.keystore.close()
    second.keystore.close()
    newest = house.known.lists["ocmw-gent"][-1].payload
    assert (newest.version, len(newest.devices)) == (2, 2)
    with Keystore.open(tmp_path / "a", PASSPHRASE) as keystore:
        listed = newest.find(keystore.identity.device)
        assert listed is not None
        assert (listed.sign_key, listed.worker) == (keystore.identity.signing_key.public, worker)
        assert (listed.function, listed.inbox, listed.service) == ("nurse", True, False)
        assert (listed.not_before, listed.not_after) == (NOW, NOW + 730 * DAY)
    service = newest.find(second.request.device.device)
    assert service is not None
    assert (service.worker, service.service, service.inbox) == (None, True, False)


def test_nobody_lists_a_key_that_they_do_not_hold(house, steward):
    mine = house.device("mine")
    theirs = device_request(steward.founding, "mine", "clb-gent").device
    house.admit()
    with fails("devices.proof"):
        house.list_devices(theirs)
    house.list_devices(mine)


def test_a_request_is_for_one_huis_and_one_partner(house, steward):
    data = encoding.encode(device_request(steward.founding, "x", "ocmw-gent"))
    assert read_device_request(data + b"\n", house.huis, "ocmw-gent").device == house.device("x").device
    with fails("partner.foreign"):
        read_device_request(data, house.huis, "clb-gent")
    with fails("huis.foreign"):
        read_device_request(data, "A" * 43, "ocmw-gent")
    with fails("object.malformed"):
        read_device_request(b"{}", house.huis, "ocmw-gent")


def test_leaving_a_device_out_revokes_it(house):
    house.open()
    house.list_devices(house.device("second"))
    chain = house.known.lists["ocmw-gent"]
    gone = house.device("first").device
    left = without_device(chain[-1].payload.devices, gone)
    before = house.known.envelope(chain[-1].d)
    house.take(device_list(house.steward.partner_root, house.huis, "ocmw-gent", left, NOW, before=before))
    assert gone not in {item.device for item in house.trust().devices("ocmw-gent", None)}
    with fails("devices.unknown"):
        without_device(left, gone)


def test_a_device_is_listed_once(house):
    device = house.device("x")
    with fails("devices.twice"):
        with_device((device,), device)


def test_renewing_keeps_proofs(house):
    house.admit()
    house.list_devices(house.device("x"))
    held = house.known.lists["ocmw-gent"][-1]
    later = renewed(held.payload.devices, NOW + DAY)
    before = house.known.envelope(held.d)
    house.take(device_list(house.steward.partner_root, house.huis, "ocmw-gent", later, NOW + DAY, before=before))
    assert house.known.lists["ocmw-gent"][-1].payload.devices[0].not_after == NOW + 731 * DAY


def test_a_list_has_bounds(house, steward):
    many = [house.device(f"device {number}") for number in range(17)]
    house.admit()
    with fails("object.malformed"):
        house.list_devices(*many)
    house.list_devices(*many[:16], house.device("desk", inbox=False))
    with fails("devices.dates"):
        device_list(steward.partner_root, house.huis, "ocmw-gent", (), NOW, term=0)
    other = device_list(steward.partner_root, house.huis, "clb-gent", (), NOW)
    with fails("partner.foreign"):
        device_list(steward.partner_root, house.huis, "ocmw-gent", (), NOW, before=other)
    assert read_payload(other, DeviceList)[0].devices == ()
