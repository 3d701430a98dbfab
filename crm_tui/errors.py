"""The errors a person can meet; the command line turns each into an exit code, the app into a dialog."""

from __future__ import annotations


class CrmError(Exception):
    """Base of every error that is shown to a person. `kind` is the stable code of the JSON answers."""

    kind = "error"
    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Refused(CrmError):
    """A command or value that the program will not take; nothing was changed. `field` names the input at fault."""

    kind = "refused"

    def __init__(self, field: str, message: str, **details: object) -> None:
        super().__init__(message)
        self.field = field
        self.details = details


class NotFound(Refused):
    """A record that was named does not exist in this store."""

    kind = "not_found"


class StoreBusy(CrmError):
    """Another process holds the store, or the server cannot be reached; trying again may help."""

    kind = "store_busy"
    exit_code = 4


class StoreFull(CrmError):
    """The disk (or quota) is full; nothing of the command was written."""

    kind = "store_full"
    exit_code = 4


class Damaged(CrmError):
    """The store's file or its log is not what was written."""

    kind = "damaged"
    exit_code = 5
