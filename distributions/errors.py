"""How a distribution refuses its parameters."""

from __future__ import annotations


class ParameterError(ValueError):
    """A distribution cannot be built from the parameters given.

    Parameters
    ----------
    code : str
        ``E301`` unknown distribution, ``E302`` wrong set of parameters, ``E303`` out of range,
        ``E304`` out of order, ``E305`` not finite, ``E306`` percentiles cannot be fitted,
        ``E307`` bad weights, ``E308`` draws would overflow, ``E115`` wrong type.
    parameter : str
        Name of the parameter at fault (``values[1]`` for an element), or ``""`` for the whole set.
    message : str
        What must hold.
    got, hint : str
        What was found, and how to mend it.
    """

    def __init__(
        self, code: str, parameter: str, message: str, *, got: str = "", hint: str = ""
    ) -> None:
        text = f"{parameter}: {message}" if parameter else message
        super().__init__("; ".join(p for p in (text, f"got {got}" if got else "", hint) if p))
        self.code = code
        self.parameter = parameter
        self.message = message
        self.got = got
        self.hint = hint
