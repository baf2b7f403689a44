"""What a person says of a message that they were told of, in the codes that `zegel_protocol.words` has: signed words.

No touch is asked for: the identity key signs, as it does for reading. Articles 4, 5, 6, 8 and 9 of the duties.
"""

from collections.abc import Iterable

from zegel_demo.client_notice import ClientNotice
from zegel_demo.phone import Phone
from zegel_keys.envelopes import new_nonce
from zegel_protocol import dsse, encoding
from zegel_protocol.objects import Acknowledgement
from zegel_protocol.objects.acknowledgement import Event
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.signed import Place
from zegel_protocol.words import check_word


def word_of(
    phone: Phone, notice: ClientNotice, event: Event, codes: Iterable[str] = (), of: str | None = None
) -> Acknowledgement:
    """Return a word of the message of a notice, as this person would sign it."""
    copy = notice.copy
    return Acknowledgement(
        v=1,
        huis=phone.huis,
        nonce=new_nonce(),
        manifest=copy.manifest.d,
        wraps=copy.wraps,
        receipt=copy.receipt.d,
        notice=notice.notice.d if event == "told" else None,
        reader=Party(person=phone.person),
        by=Sender(person=phone.person),
        event=event,
        codes=tuple(sorted(set(codes))),
        seen=phone.view.seen,
        at=phone.clock(),
        of=of,
    )


async def say(
    phone: Phone, notice: ClientNotice, event: Event, codes: Iterable[str] = (), of: str | None = None
) -> Place:
    """Say a word of the message of a notice; return where that stands in the log.

    Raises `ProtocolError` (`word.*`: this is not theirs to say, or not with these codes; nothing was signed), and as
    `Phone.submit`.
    """
    word = word_of(phone, notice, event, codes, of)
    check_word(word, notice.copy.manifest.payload, notice.copy.case.setting.rulebook.payload, told=True)
    case = await phone.believe(await phone.relay.setting())
    signature = phone.seed.identity_key.sign_object(dsse.payload_type(word.KIND), encoding.encode(word))
    return await phone.submit(word, (signature,), case)
