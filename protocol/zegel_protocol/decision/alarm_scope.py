"""What an alarm may hold (article 10): what danger is told with, a little more where it must be, and less to a host."""

from zegel_protocol.decision.case import Case
from zegel_protocol.objects.entry import Entry
from zegel_protocol.objects.rulebook import Allowance


def alarm_allowance(case: Case, entry: Entry) -> Allowance | None:
    """Return what the rulebook allows of this entry's category in an alarm to this recipient, or None.

    A sector with a row takes alarms: of the categories that danger is told with, and of any other (`alarm` counts
    those). Whoever stands behind the sender and has no row takes what the rulebook lets a host be told.
    """
    rules = case.rulebook.safety
    if case.relevance is None:
        told = rules.host_types if case.to_host else ()
        return next((item for item in told if item.type == entry.type), None)
    found = case.relevance.find(entry.type)
    if found is not None:
        return found
    category = case.categories.get(entry.type)
    return Allowance(type=entry.type, forms=category.forms, signed=False) if category is not None else None
