"""Who owes it to a person without a device to tell them, and by when. Articles 5 and 7; `docs/spec/receipts.md`."""

from zegel_protocol.objects.manifest import Manifest
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.rulebook.working_days import end_of_working_day


def owes_telling(manifest: Manifest) -> str | None:
    """Return the partner that tells who has no device: the one that the message names, else its sender or recipient.

    None for a message between persons.
    """
    return manifest.notice_by or manifest.sender.partner or manifest.to.partner


def due_to_tell(begins: int, rulebook: Rulebook) -> int:
    """Return the last second (UTC) in which a person is told in time of a notice that `begins` at a time in seconds.

    To be told what was shared is the first contact that the code promises, so its days count; the same days are what a
    person with a device has before the sender is to ask why they were not told.
    """
    return end_of_working_day(begins, rulebook.follow_up.first_contact_days, rulebook.holidays)
