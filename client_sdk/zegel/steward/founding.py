"""Founding a Huis: the steward's root keys, the id that commits to them, and the first root object.

Offline: no relay needs to be there yet, and `zegel-relay init` needs the id that is made here.
"""

from dataclasses import dataclass
from pathlib import Path

from zegel.steward.envelope import sign
from zegel.steward.errors import SetupError
from zegel.steward.folder import StewardFolder, private_folder
from zegel.steward.huis_file import HuisFile, write_huis
from zegel_keys.envelopes import new_nonce
from zegel_keys.keystore.errors import ExistsError
from zegel_keys.keystore.key_file import KeyFile, file_name
from zegel_keys.keystore.vault import Cost
from zegel_protocol import encoding
from zegel_protocol.fields import Name
from zegel_protocol.objects import Root
from zegel_protocol.objects.root import Genesis, huis_id

MAX_ROOTS = 16


@dataclass(frozen=True)
class Founding:
    """A new Huis: its id, what the id commits to, and the envelope of its first root, to be given to the relay."""

    huis: str
    genesis: Genesis
    root_envelope: bytes
    file: HuisFile


def found(
    folder: Path,
    passphrase: str,
    name: str,
    roots: int = 1,
    threshold: int = 1,
    cost: Cost = "moderate",
    *,
    freshness_passphrase: str | None = None,
) -> Founding:
    """Make the steward's folder: `steward-root-1.zk` to `-N.zk`, `freshness.zk`, `huis.json` and the first root.

    `roots` (1 to 16) keys are made, of which `threshold` sign whatever the steward signs. All are under one passphrase
    at first: hand each key file but one's own to another holder, who gives it a passphrase of their own. The freshness
    key may have its own from the start, since a machine that refreshes the directory must know it.

    Raises `SetupError` (`huis.threshold`), `MalformedError` (the name), `ExistsError` (nothing is ever overwritten), or
    as `KeyFile.create`. `huis.json` is written last: without it the folder is none.
    """
    if not 1 <= threshold <= roots <= MAX_ROOTS:
        raise SetupError(
            "huis.threshold",
            f"{threshold} of {roots} keys cannot sign.",
            f"Choose 1 to {MAX_ROOTS} keys, and a threshold of at most that many.",
        )
    encoding.decode(encoding.encode(name), Name)
    private_folder(folder)
    place = StewardFolder(folder)
    paths = [folder / file_name("steward-root", number) for number in range(1, roots + 1)]
    for path in (place.huis_path, place.freshness_path, *paths):
        if path.exists():
            raise ExistsError.at(path)
    keys = [
        KeyFile.create(path, passphrase, "steward-root", f"Steward root {number} of {roots}", cost)
        for number, path in enumerate(paths, 1)
    ]
    freshness = KeyFile.create(
        place.freshness_path, freshness_passphrase or passphrase, "freshness", "Freshness key", cost
    )
    genesis = Genesis(roots=tuple(sorted(key.public for key in keys)), threshold=threshold)
    huis = huis_id(genesis.roots, threshold)
    root = Root(v=1, huis=huis, nonce=new_nonce(), version=1, roots=genesis.roots, threshold=threshold)
    envelope = sign(root, [key.signing_key for key in keys[:threshold]])
    place.keep(envelope)
    file = HuisFile(v=1, huis=huis, name=name, genesis=genesis, freshness_key=freshness.public)
    write_huis(place.huis_path, file)
    return Founding(huis, genesis, envelope, file)
