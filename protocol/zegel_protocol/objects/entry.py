"""One section of a message as the relay sees it: everything but the content."""

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from zegel_protocol.fields import Digest, Media, Random128, Size, Term
from zegel_protocol.objects.header import Payload, require_set
from zegel_protocol.objects.parties import Party


class Withheld(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why one person does not read this section although it is about them."""

    person: Random128
    reason: Term


class Entry(Payload, frozen=True, kw_only=True):
    """A section: its type and form, whom it is about, who reads it, and the digests that bind its ciphertext and key.

    An object of its own, named by `D` in the manifest, so that a reader sees only the entries that concern them.
    `n` counts from 0 in the message; `padded` is the size of the padded plaintext in bytes.
    """

    KIND: ClassVar[str] = "entry"

    n: Annotated[int, Meta(ge=0, le=63)]
    type: Term
    form: Term
    about: tuple[Random128, ...]
    media: Media
    padded: Size
    ct: Digest
    kc: Digest
    readers: tuple[Party, ...]
    withheld: tuple[Withheld, ...]

    def __post_init__(self) -> None:
        require_set("about", self.about, most=16)
        require_set("readers", (item.key for item in self.readers), least=1, most=32)
        require_set("withheld", (item.person for item in self.withheld), most=16)
        if {item.person for item in self.withheld} & {item.person for item in self.readers}:
            raise ValueError("nobody both reads and is withheld")
