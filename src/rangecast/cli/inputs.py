"""What ``--inputs`` and ``--set`` change of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rangecast.engine.model.model import Model


def changed(model: Model, options: dict[str, Any]) -> Model:
    """Lay the file of ``--inputs`` over a model with its case, then what ``--set`` says."""
    from rangecast.engine.model.cases import set_inputs

    for file in options.get("inputs") or ():
        from rangecast.engine.model.overlay import with_inputs

        model = with_inputs(model, file)
    return set_inputs(model, options["settings"])
