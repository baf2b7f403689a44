"""A piece of scope: a type (category or part) in a form."""

import msgspec

from zegel_protocol.fields import Term


class Scope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category and the form in which it is shared, such as `health` as `costs-only`."""

    type: Term
    form: Term

    @property
    def key(self) -> str:
        """A text that sorts as the pair does: the separator is below every character of a term."""
        return f"{self.type}\x01{self.form}"
