"""What the steward found about a section that its reader reported with an opening proof (article 7).

The proof is checked first, so that no finding rests on a reader's word alone. After `over-broad` the recipient owes the
erasure, and whoever was told of the message is told of this. Nothing of the section's content goes into the finding.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from zegel.proving import Proven
from zegel.steward.envelope import building, sign_as_steward
from zegel.steward.known import Known
from zegel_keys.envelopes import new_nonce
from zegel_keys.keystore.key_file import KeyFile
from zegel_protocol.objects import Finding

Found = Literal["over-broad", "unfounded"]


def make_finding(
    known: Known, keys: Sequence[KeyFile], proven: Proven, found: Found, codes: Iterable[str], now: int
) -> bytes:
    """Return the envelope of a finding about a proven section. `codes`: why, in words without content; `now`: seconds.

    Raises `SetupError` (`steward.key`, `steward.threshold`) or `MalformedError`.
    """
    with building():
        finding = Finding(
            v=1, huis=known.huis, nonce=new_nonce(), manifest=proven.manifest, n=proven.n, found=found,
            codes=tuple(sorted(set(codes))), at=now,
        )  # fmt: skip
    return sign_as_steward(finding, known.root, keys)
