"""What is asked of a family: only what a message could carry, and with words that the rules know."""

from types import MappingProxyType

import pytest

from zegel.cli.askable import TypeUnknown, require_askable, require_types
from zegel.errors import Refused
from zegel_protocol.evidence import Setting
from zegel_protocol.objects import Membership
from zegel_protocol.rulebook.template import default_rules, make_rulebook
from zegel_protocol.signed import Signed

HUIS, NONCE, NOW = "A" * 43, "A" * 22, 1_795_500_000
RULES = make_rulebook(
    default_rules(), huis=HUIS, nonce=NONCE, issued=NOW, name="Huis", code_version="1.0", code_digest=HUIS, version=1
)


def signed(payload):
    return Signed(HUIS, payload, frozenset())


@pytest.fixture
def setting():
    member = Membership(
        v=1, huis=HUIS, nonce=NONCE, partner="ocmw", name="OCMW", root_key=HUIS, actor="professional", secrecy="penal",
        sector="ocmw", version=1, not_before=NOW, not_after=NOW + 1,
    )  # fmt: skip
    chain = MappingProxyType({"ocmw": (signed(member),)})
    return Setting(directory=signed(None), rulebook=signed(RULES), memberships=chain, devices=MappingProxyType({}))


@pytest.mark.parametrize(
    ("to", "purpose", "types", "codes"),
    [
        ("ocmw", "referral", [("health", "whole")], ("category.not-relevant",)),
        ("ocmw", "referral", [("money", "whole"), ("mind", "whole")], ("category.not-relevant",)),
        ("ocmw", "referral", [("money", "first-name")], ("form.not-relevant",)),
        ("nobody", "referral", [("money", "whole")], ("recipient.unknown",)),
        ("ocmw", "refferal", [("money", "whole")], ("purpose.unknown",)),
    ],
)
def test_what_no_message_could_carry_is_not_asked(setting, to, purpose, types, codes):
    with pytest.raises(Refused) as caught:
        require_askable(setting, to, purpose, types)
    assert caught.value.codes == codes


def test_what_a_message_could_carry_may_be_asked(setting):
    require_askable(setting, "ocmw", "referral", [("money", "whole"), ("who", "whole"), ("follow", "whole")])


@pytest.mark.parametrize(("slip", "meant"), [("mony", "money"), ("moneey", "money"), ("helth", "health")])
def test_a_slip_is_met_with_the_word_that_is_meant(slip, meant):
    with pytest.raises(TypeUnknown) as caught:
        require_types(RULES, ["who", slip])
    assert (caught.value.code, meant in caught.value.do) == ("content.type", True)


def test_what_has_no_category_is_not_turned_into_another():
    with pytest.raises(TypeUnknown) as caught:
        require_types(RULES, ["religion"])
    assert "Did you mean" not in caught.value.do
