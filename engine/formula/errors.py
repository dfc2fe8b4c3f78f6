"""How a formula is refused: the code, the place in the text, and a way out."""

from __future__ import annotations


class FormulaError(ValueError):
    """A formula cannot be accepted.

    Parameters
    ----------
    code : str
    offset : int
        Character in the formula, from 0; −1 when there is none.
    message, got, allowed, hint : str
    """

    def __init__(
        self,
        code: str,
        offset: int,
        message: str,
        *,
        got: str = "",
        allowed: str = "",
        hint: str = "",
    ) -> None:
        super().__init__("; ".join(p for p in (message, got, allowed, hint) if p))
        self.code = code
        self.offset = offset
        self.message = message
        self.got = got
        self.allowed = allowed
        self.hint = hint
