"""Declarations: the code accepted, confidentiality pledged, a reminder of secrecy acknowledged; made and signed here.

What each means and who may sign it: `docs/spec/declaration.md`.
"""

from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.key_file import KeyFile
from zegel_protocol.objects import Declaration, Rulebook


def sign_acceptance(identity: Identity, rulebook: Rulebook, *, services: bool = False) -> bytes:
    """Return the signed acceptance (an envelope) of the rulebook's code, by the worker of this device (article 1).

    `services`: by that worker for the partner's services, which are no people and accept nothing themselves.
    """
    worker = None if services else identity.worker
    return sign_payload(
        Declaration(
            v=1, huis=identity.huis, nonce=new_nonce(), partner=identity.partner, worker=worker, what="code",
            code_version=rulebook.code_version, code_digest=rulebook.code_digest,
        ),
        identity.signing_key,
    )  # fmt: skip


def sign_pledge(root: KeyFile, huis: str, partner: str, rulebook: Rulebook) -> bytes:
    """Return a partner's signed pledge (an envelope) of confidentiality, by its root key (article 0)."""
    return sign_payload(
        Declaration(
            v=1, huis=huis, nonce=new_nonce(), partner=partner, what="pledge", code_version=rulebook.code_version,
            code_digest=rulebook.code_digest,
        ),
        root.signing_key,
    )  # fmt: skip


def sign_reminded(identity: Identity, rulebook: Rulebook, manifest: str) -> bytes:
    """Return the signed word (an envelope) that whoever opens `manifest` here was reminded of secrecy (article 7)."""
    return sign_payload(
        Declaration(
            v=1, huis=identity.huis, nonce=new_nonce(), partner=identity.partner, worker=identity.worker,
            what="secrecy", code_version=rulebook.code_version, code_digest=rulebook.code_digest, manifest=manifest,
        ),
        identity.signing_key,
    )  # fmt: skip
