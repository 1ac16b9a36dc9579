"""What can be wrong with a store."""

from __future__ import annotations

from typing import Literal

from abml.errors import AbmlError

FaultCode = Literal["corrupt", "busy", "full", "unavailable", "wrong_kind"]


class StoreFault(AbmlError):
    """A store that cannot do what it is asked; what it held before is unchanged.

    Attributes:
        code: `corrupt`: the file is damaged or no store of ours; `busy`: another process has it;
            `full`: there is no more room; `wrong_kind`: a bundle that does not belong there;
            `unavailable`: anything else.
        message: one sentence.
    """

    def __init__(self, code: FaultCode, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"
