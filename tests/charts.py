"""The boxes of the letters that a chart shows, as they are drawn."""

import contextlib
import itertools

from matplotlib.text import Text
from rangecast.reports import style

SLACK = 1.0  # px at 100 dpi that boxes of letters may share: they include the room around letters


@contextlib.contextmanager
def drawn_texts():
    """Collect every text that is drawn, in the order of drawing."""
    found, draw = [], Text.draw

    def record(self, renderer, *args, **kwargs):
        if self.get_visible() and self.get_text().strip():
            found.append(self)
        return draw(self, renderer, *args, **kwargs)

    Text.draw = record
    try:
        yield found
    finally:
        Text.draw = draw


def boxes(figure):
    """Give (text, box) of everything written in a figure; boxes in px."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    with style.theme():
        canvas.draw()  # lay out
        with drawn_texts() as found:
            canvas.draw()
        renderer = canvas.get_renderer()
        each = dict.fromkeys(found)
        return [(one.get_text(), Text.get_window_extent(one, renderer)) for one in each]


def faults(figure):
    """Say which texts leave the figure, and which lie over another."""
    found, (width, height) = boxes(figure), figure.canvas.get_width_height()
    outside = [
        f"{text!r} leaves the figure"
        for text, box in found
        if box.x0 < -SLACK or box.y0 < -SLACK or box.x1 > width + SLACK or box.y1 > height + SLACK
    ]
    over = [
        f"{a!r} over {b!r}"
        for (a, one), (b, other) in itertools.combinations(found, 2)
        if min(one.x1, other.x1) - max(one.x0, other.x0) > SLACK
        and min(one.y1, other.y1) - max(one.y0, other.y0) > SLACK
    ]
    return outside + over
