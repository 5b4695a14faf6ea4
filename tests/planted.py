# SPDX-License-Identifier: Apache-2.0
"""The register of the secrets that tests plant: tests/proof looks for each in all that was written.

A test calls planted() on every value before the program can see it. The register lies where no
output is looked for, is readable by its owner alone, and is removed at the end of the run.
"""
import os

LEAST = 8  # bytes; shorter values stand in texts by chance


def planted(value):
    """Registers a value, or each of several; gives back what it got."""
    folder = os.environ.get("SRVAUDIT_PLANTED")
    if folder is None:
        return value
    values = [value] if isinstance(value, (str, bytes)) else list(value)
    path = os.path.join(folder, str(os.getpid()))
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(fd, "wb") as f:
        for one in values:
            data = one if isinstance(one, bytes) else one.encode("utf-8", "surrogateescape")
            f.write(data.hex().encode() + b"\n")
    return value


def kept(text):
    """Keeps what a terminal got, which the recorder does not see."""
    folder = os.environ.get("SRVAUDIT_WRITTEN")
    if folder is not None:
        number = len(os.listdir(folder))
        with open(os.path.join(folder, "%d.%d.shown" % (os.getpid(), number)), "wb") as f:
            f.write(text)
    return text
