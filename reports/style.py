"""How charts look: colours that colour-blind readers can tell apart, fonts, no global state."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOW = "#0072B2"
HIGH = "#D55E00"
INK = "#1F2937"
MUTED = "#6B7280"
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "WenQuanYi Micro Hei",
)


def _fonts() -> list[str]:
    """DejaVu Sans, and behind it a Chinese font where the system has one."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in CHINESE_FONTS if name in known)]


@contextlib.contextmanager
def theme() -> Iterator[None]:
    """Apply our settings while drawing or saving, and leave matplotlib's own untouched."""
    import matplotlib as mpl

    settings: Any = {
        "font.family": _fonts(),
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "svg.fonttype": "none",
        "svg.hashsalt": "rangecast",
        "text.parse_math": False,
    }
    with mpl.rc_context(settings):
        yield


def new_axes(width: float, height: float) -> tuple[Figure, Axes]:
    """Make a figure of its own, outside pyplot."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    return figure, figure.subplots()


def plain(text: str, most: int = 120) -> str:
    """Make a user's text safe to draw: one line, printable, cut to `most` characters."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def encode(figure: Figure, kind: str) -> bytes:
    """Render a figure as ``png`` or ``svg`` bytes, the same every time."""
    import io

    buffer = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    with theme():
        figure.savefig(buffer, format=kind, dpi=150, metadata=metadata)
    return buffer.getvalue()
