"""Who is sitting at this desk."""

from __future__ import annotations

import os

from listener.config.tree import Config
from listener.domain.operator import Operator


def operator(config: Config) -> Operator:
    """`LISTENER_OPERATOR`, else the login's name, with the teams and rights that the configuration gives it."""
    name = _printable(os.environ.get("LISTENER_OPERATOR", "")) or _printable(_login()) or "operator"
    return next((one for one in config.operators() if one.name == name), Operator(name))


def _login() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a number without a name
        return ""


def _printable(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable()).strip()[:64]
