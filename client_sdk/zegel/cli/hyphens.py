"""Ids that begin with a hyphen, as one digest in sixty-four does: arguments, and not options that nobody knows."""

import re
from typing import Final

import click

_DIGEST: Final = re.compile(r"-[A-Za-z0-9_-]{42}")


def guard(group: click.Group, args: list[str]) -> list[str]:
    """Return the arguments of `group` such that a digest among them is never read as options.

    Where one begins with a hyphen, the command's arguments are put behind `--`, in their order.
    """
    if not any(map(_DIGEST.fullmatch, args)):
        return args
    command: click.Command = group
    at = 0
    while isinstance(command, click.Group) and at < len(args):
        command = command.commands.get(args[at], command)
        at += 1
    takes_value = {
        name
        for option in command.params
        if isinstance(option, click.Option) and not option.is_flag and not option.count
        for name in (*option.opts, *option.secondary_opts)
    }
    options, arguments, rest = list[str](), list[str](), iter(args[at:])
    for word in rest:
        if word == "--":
            arguments += rest
        elif _DIGEST.fullmatch(word) or not word.startswith("-") or word == "-":
            arguments.append(word)
        else:
            options.append(word)
            if word in takes_value:
                options += [value for value in [next(rest, None)] if value is not None]
    return [*args[:at], *options, "--", *arguments]
