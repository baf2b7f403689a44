"""What can go wrong while a Huis is set up, by its steward or by a partner: one error, with stable codes.

Codes: `steward.key`, `steward.threshold`, `huis.threshold`, `membership.dates`, `rulebook.missing`, `relay.missing`,
`relay.foreign`, `partner.unknown`, `partner.key`, `sector.unknown`, `sector.secrecy`, `directory.life`,
`directory.missing`, `directory.older`, `refresh.key`, `refresh.ended`, `devices.dates`, `devices.twice`,
`devices.unknown`, `directory.expired`, `page.list`, `page.changed`, `page.unsigned`,
`page.too-many`.
"""

from zegel.errors import ZegelError


class SetupError(ZegelError):
    """Something of one's own does not do. `code` is stable; nothing was signed, and nothing was sent."""

    def __init__(self, code: str, what: str, do: str, safe: str = "Nothing was signed or sent.") -> None:
        super().__init__(what, safe, do)
        self.code = code
