"""How charts look: colours that colour-blind readers can tell apart, fonts, no global state."""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rangecast.engine.errors import Problem, SettingsError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOW = "#0072B2"
HIGH = "#D55E00"
INK = "#1F2937"
MUTED = "#6B7280"
FAINT = "#B8BEC8"
"""Of bars that cannot be told from 0."""
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans SC",
)


_FILES = ("cjk", "sourcehan", "msyh", "pingfang", "simhei", "wqy", "notosanssc")
FONT_VARIABLE = "RANGECAST_FONT"


@functools.cache
def _chinese_fonts() -> list[str]:
    """Fonts with Chinese characters: the user's own file first, then those of the system."""
    import os

    from matplotlib import font_manager

    own = os.environ.get(FONT_VARIABLE, "")
    manager, found = font_manager.fontManager, []
    if os.path.isfile(own):
        with contextlib.suppress(RuntimeError, OSError):  # no font: said by `missing_font`
            name = font_manager.get_font(own).family_name
            if name not in {font.name for font in manager.ttflist}:
                manager.addfont(own)
            found.append(name)
    known = {font.name for font in manager.ttflist}
    if not found and not known & {*CHINESE_FONTS}:  # installed after matplotlib listed the fonts
        for path in font_manager.findSystemFonts():
            if any(part in os.path.basename(path).lower() for part in _FILES):
                manager.addfont(path)
        known = {font.name for font in manager.ttflist}
    return [*found, *(name for name in CHINESE_FONTS if name in known and name not in found)]


def _fonts() -> list[str]:
    """DejaVu Sans, and behind it a Chinese font where there is one."""
    return ["DejaVu Sans", *_chinese_fonts()]


def missing_font() -> Problem | None:
    """Say that charts cannot show Chinese, when no font of this machine can."""
    if _chinese_fonts():
        return None
    allowed = f"known: {', '.join(CHINESE_FONTS)}"
    hint = f"install one, or name a font file: {FONT_VARIABLE}=/path/font.otf"
    return Problem("W901", "charts", "no font with Chinese characters", "", allowed, hint)


@contextlib.contextmanager
def theme() -> Iterator[None]:
    """Apply our settings while drawing or saving, and leave matplotlib's own untouched."""
    import logging

    import matplotlib as mpl

    # A fallback font without a bold face is no news to the reader.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
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
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # see `missing_font`
        yield


def new_axes(width: float, height: float) -> tuple[Figure, Axes]:
    """Make a figure of its own, outside pyplot."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    return figure, figure.subplots()


def given_axes(ax: Axes | Sequence[Axes], panels: int) -> list[Axes]:
    """Give the axes that a caller wants drawn on, one for each panel.

    Raises
    ------
    SettingsError
        For another number of them.
    """
    found: list[Axes] = list(ax) if isinstance(ax, Sequence) else [ax]
    if len(found) != panels:
        message = "one axes for each panel is needed"
        raise SettingsError(Problem("E700", "ax", message, str(len(found)), f"{panels} axes"))
    return found


def plain(text: str, most: int = 120) -> str:
    """Make a user's text safe to draw: one line, printable, cut to `most` characters."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def encode(figure: Figure, kind: str) -> bytes:
    """Render a figure as ``png`` or ``svg`` bytes, the same every time."""
    import io

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer, before = io.BytesIO(), figure.dpi
    # `savefig` would draw everything once more beforehand, to no purpose here.
    with theme():
        if kind == "png":
            figure.set_dpi(150)
            canvas: Any = FigureCanvasAgg(figure)
            canvas.print_png(buffer, metadata={"Software": None})
        else:
            figure.set_dpi(72)
            canvas = FigureCanvasSVG(figure)
            canvas.print_svg(buffer, metadata={"Date": None})
    figure.set_dpi(before)
    figure.set_layout_engine("none")  # laid out once is enough: the next format keeps the places
    return buffer.getvalue()
