"""From a draft to a receipt: judged, sealed, kept, sent; and what could not go yet, tried again.

A draft that the caller still has is never kept behind their back: sending it again and flushing would tell the family
twice. What was kept, or sealed before a crash, is never lost: refused, it waits as a draft for somebody to mend it.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from zegel.compose import Composed, Composer
from zegel.content.disk_file import changed
from zegel.draft import Draft
from zegel.errors import ContentFound, Refused, RelayProblem, RelayUnreachable, ZegelError
from zegel.kept_draft import Kept, KeptDraft, kept_draft, names_of
from zegel.kept_drafts import KeptDrafts
from zegel.outbox import Delivered, Outbox
from zegel.progress import OnProgress, Step
from zegel.relay_client import RelayClient
from zegel.section import close
from zegel_keys.keystore.directory import Keystore
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Prekeys
from zegel_protocol.refusal import Refusal, passes
from zegel_protocol.signed import Signed

_FLUSHING = "flush"


@dataclass(frozen=True)
class Sent:
    """A message that the relay accepted: its id, its manifest's `D`, when, and how many people are told of it.

    `expired_directory`: an alarm that went on although the list of partners was not renewed in time: phone as well.
    """

    id: str
    manifest: str
    accepted_at: int
    notices: tuple[str, ...]
    expired_directory: bool = False


@dataclass(frozen=True)
class Desk:
    """What a dispatch needs of its partner.

    `allowed` judges a draft and raises what refuses it; `remember` notes what was sealed, before it is kept; `finish`
    holds a receipt against what was sent.
    """

    allowed: Callable[[Draft], Awaitable[Composer]]
    prekeys: Callable[[str], Awaitable[Sequence[Signed[Prekeys]]]]
    remember: Callable[[Composed], None]
    finish: Callable[[Delivered], Awaitable[Sent]]
    clock: Callable[[], int]


class Dispatch:
    """What leaves one keystore."""

    def __init__(self, keystore: Keystore, client: RelayClient, desk: Desk) -> None:
        self._spool, self._desk = keystore.spool, desk
        self._outbox = Outbox(keystore, client)
        self._drafts = KeptDrafts(keystore)

    async def send(self, draft: Draft, report: OnProgress | None) -> Sent:
        """Send a draft that the caller has. Raises as `Partner.send`."""
        message, composed = await self._seal(draft, None, report)
        try:
            sent = await self._deliver(message, report)
        except RelayProblem:
            self._outbox.settle(message)
            raise
        except Refused as refused:
            if not passes(refused.refusals):
                self._outbox.settle(message)
            raise
        finally:
            composed.release()
        return sent

    async def keep(self, draft: Draft, report: OnProgress | None) -> str:
        """Keep a draft; return its id. Raises as `KeptDrafts.keep`."""
        step = Step("sealing", await asyncio.to_thread(_size, draft), report)
        return await step.run(partial(self._drafts.keep, draft, self._desk.clock(), step.add))

    def drafts(self) -> list[Kept]:
        """Return the kept drafts, oldest first."""
        return self._drafts.shown()

    async def restored(self, identifier: str) -> Draft:
        """Return a kept draft to work on. Raises `DraftUnknown`."""
        return await asyncio.to_thread(self._drafts.restored, self._drafts.get(identifier))

    def discard(self, identifier: str) -> None:
        """Throw away a kept draft, or a sealed message that waits. Raises `DraftUnknown`."""
        if identifier in self._outbox.waiting():
            self._outbox.settle(identifier)
        else:
            self._drafts.discard(identifier)

    def unsent(self) -> list[str]:
        """Return the ids of sealed messages that wait."""
        return self._outbox.waiting()

    def forget_answers(self, manifest: str, message: str | None) -> int:
        """Throw away what was written in answer to a message (its `D`, and its id), kept or sealed; return how many.

        Files of it that a program left open in the spool go too.
        """
        written = [(kept.id, kept) for kept in self._drafts.all()] + self._outbox.drafts()
        mine = [name for name, kept in written if kept.answers == manifest or (message and kept.thread == message)]
        for name in mine:
            self.discard(name)
        self.sweep(self._desk.clock())
        return len(mine)

    async def flush(self, report: OnProgress | None) -> list[Sent]:
        """Send all that waits, alarms before everything else; see `Partner.flush`."""
        arrived: list[Sent] = []
        # By draft, the first word counts: the relay's of a message tells more than what became of its draft.
        failed: dict[str, ZegelError | ProtocolError] = {}
        for urgent in (True, False):
            for message in self._outbox.waiting(urgent=urgent):
                try:
                    sent = await self._flushed(message, failed, report)
                except RelayUnreachable:
                    raise
                except ZegelError as error:
                    failed[message] = error
                else:
                    arrived += [sent] if sent is not None else []
            with self._spool.alone(_FLUSHING) as alone:
                # Another program at this keystore is sending the drafts, and two would send each twice.
                for kept in self._drafts.all() if alone else ():
                    if kept.urgent is not urgent:
                        continue
                    try:
                        arrived.append(await self._send_kept(kept, report))
                        failed.pop(kept.id, None)
                    except RelayUnreachable:
                        raise
                    except (ZegelError, ProtocolError) as error:
                        failed.setdefault(kept.id, error)
        for first in failed.values():
            raise first
        return arrived

    async def _flushed(
        self, message: str, failed: dict[str, ZegelError | ProtocolError], report: OnProgress | None
    ) -> Sent | None:
        """Send a sealed message that waited; None: it is a draft again (see `failed`), or another program has it."""
        try:
            delivered = await self._outbox.send(message, report)
            return await self._desk.finish(delivered) if delivered is not None else None
        except Refused as refused:
            if passes(refused.refusals):
                raise
            draft = self._outbox.return_to_drafts(message, refused.codes[0], refused.refusals)
            failed[draft or message] = refused
        except RelayProblem as problem:
            if problem.code != "outbox.unknown":
                draft = self._outbox.return_to_drafts(message, problem.code, ())
                failed[draft or message] = problem
        return None

    async def _send_kept(self, kept: KeptDraft, report: OnProgress | None) -> Sent:
        try:
            draft = await asyncio.to_thread(self._drafts.restored, kept)
            try:
                message, composed = await self._seal(draft, kept, report)
            finally:
                close(draft.sections)
            try:
                return await self._deliver(message, report)
            except RelayUnreachable:
                raise
            except (Refused, RelayProblem) as error:
                if not (isinstance(error, Refused) and passes(error.refusals)):
                    self._outbox.return_to_drafts(message, *_said(error))
                raise
            finally:
                composed.release()
        except RelayUnreachable:
            raise
        except (ZegelError, ProtocolError) as error:
            self._drafts.note(kept.id, *_said(error))
            raise

    async def _seal(self, draft: Draft, kept: KeptDraft | None, report: OnProgress | None) -> tuple[str, Composed]:
        """Judge a draft, seal it and keep it durably. A file that changes meanwhile is not what was judged."""
        stamps = draft.stamps()
        composer = await self._desk.allowed(draft)
        to = draft.recipient.partner
        prekeys = await self._desk.prekeys(to) if to is not None else []
        step = Step("sealing", _size(draft), report)
        composed = await step.run(partial(composer.compose, draft, prekeys, self._spool, step.add))
        try:
            if draft.stamps() != stamps:
                raise changed()
            made = (kept.id, kept.created) if kept is not None else (os.urandom(16).hex(), self._desk.clock())
            record = await asyncio.to_thread(kept_draft, draft, composed.sealed, *made)
            self._desk.remember(composed)
            return self._outbox.put(composed, record), composed
        except BaseException:
            composed.release()
            self._spool.discard(*(item.name for item in composed.sealed if item.name is not None))
            raise

    async def _deliver(self, message: str, report: OnProgress | None) -> Sent:
        return await self._desk.finish(await self._outbox.send_held(message, report))

    def settle(self, message: str) -> None:
        """Forget a message whose receipt was checked."""
        self._outbox.settle(message)

    def sweep(self, now: int) -> None:
        """Remove the spool files of programs that ended before a row named them."""
        self._spool.sweep(lambda name: name in self._outbox.names() | names_of(self._drafts.all()), now)


def _size(draft: Draft) -> int:
    return sum(section.content_size() for section in draft.sections)


def _said(error: ZegelError | ProtocolError) -> tuple[str, tuple[Refusal, ...]]:
    """Return the code of what went wrong, and the rules' refusals if that is what it was."""
    if isinstance(error, Refused):
        return error.codes[0], error.refusals
    if isinstance(error, ContentFound):
        return error.findings[0].code.value, ()
    return error.code, ()
