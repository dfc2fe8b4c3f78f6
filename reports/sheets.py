"""Write sheets: cells that stay what they are, formats, columns, print set-up."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from rangecast.engine.errors import Problem, ResourceError
from rangecast.reports import style
from rangecast.reports.words import width_of

MOST_ROWS = 1_048_576
"""Of a sheet; what is longer is cut, and the sheet says so."""
LONGEST_TEXT = 32_767
_LONGEST_NAME = 31
_WIDEST = 60.0


class _Exact(float):
    """A number that is written with every digit: XlsxWriter itself keeps sixteen."""

    __slots__ = ()

    def __format__(self, specification: str) -> str:
        return repr(float(self))


def clean(text: str) -> str:
    """Make a text fit for a cell: control characters escaped, cut to what a cell holds.

    Examples
    --------
    >>> clean("a\\x1bb")
    'a\\\\x1bb'
    """
    safe = "".join(
        c.encode("unicode_escape").decode("ascii")
        if c not in "\n\t" and (unicodedata.category(c) in {"Cc", "Cs"} or c in "\ufffe\uffff")
        else c
        for c in text
    )
    return safe if len(safe) <= LONGEST_TEXT else safe[: LONGEST_TEXT - 1] + "…"


def number_format(values: Sequence[Any]) -> str:
    """Choose how a column of numbers is shown: separators, and digits by its middle size.

    Examples
    --------
    >>> number_format([1_500_000.0, -3_000.0]), number_format([0.25, 3.5])
    ('#,##0', '#,##0.00')
    """
    sizes = sorted(
        abs(v) for v in values if isinstance(v, int | float) and math.isfinite(v) and v != 0
    )
    if not sizes:
        return "#,##0"
    middle = sizes[len(sizes) // 2]
    if middle >= 1e15 or middle < 1e-4:
        return "0.00E+00"
    digits = max(0, 2 - math.floor(math.log10(middle)))
    whole = all(float(v).is_integer() for v in sizes)
    return "#,##0" if whole or not digits else "#,##0." + "0" * digits


def axis_format(largest: float) -> str:
    """Choose how an axis writes its numbers; one section, so that the sign is kept."""
    for limit, form in ((1e9, '#,##0.##,,,"bn"'), (1e6, '#,##0.##,,"M"')):
        if abs(largest) >= limit:
            return (
                form.replace(".##", ".0") if abs(largest) < 10 * limit else form.replace(".##", "")
            )
    return number_format([largest / 5])


class Book:
    """A workbook in the making: no macros, no links, no formulas from text, the same every time."""

    def __init__(self, title: str) -> None:
        try:
            import xlsxwriter
        except ModuleNotFoundError:
            hint = 'pip install "rangecast[xlsx]"'
            problem = Problem("E810", "--xlsx", "workbooks need xlsxwriter", hint=hint)
            raise ResourceError(problem) from None
        self.buffer = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.file = xlsxwriter.Workbook(self.buffer, options)
        day = dt.datetime(2000, 1, 1)
        self.file.set_properties({"title": clean(title)[:250], "created": day})
        self.file.set_calc_mode("auto")
        self.names: set[str] = set()
        self.defined: set[str] = set()
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **properties: Any) -> Any:
        """Give a format, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            known = {"font_color": style.INK, "valign": "top", **properties}
            self.formats[key] = self.file.add_format(known)
        return self.formats[key]

    def sheet(self, name: str, title: str, note: str = "", pages: int = 1) -> Page:
        """Add a sheet with a title and a note; printed one page wide, `pages` high (0: any)."""
        page = Page(self, self.file.add_worksheet(self._free(name)))
        page.text(0, 0, title, bold=True, font_size=14)
        page.text(1, 0, note, font_color=style.MUTED)
        page.sheet.set_landscape()
        page.sheet.set_paper(9)
        page.sheet.set_margins(0.5, 0.5, 0.6, 0.6)
        page.sheet.fit_to_pages(1, pages)
        page.sheet.set_footer("&L&8&A&R&8&P / &N", {"scale_with_doc": False})
        page.sheet.hide_gridlines(2)
        return page

    def _free(self, name: str) -> str:
        """Make a name that spreadsheets accept and no other sheet has."""
        plain = re.sub(r"[\[\]:*?/\\]", "_", clean(name)).replace("\n", " ").replace("\t", " ")
        plain = plain.strip().strip("'")[:_LONGEST_NAME].rstrip().rstrip("'") or "Sheet"
        if plain.casefold() == "history":  # reserved by Excel
            plain += "_"
        found, k = plain, 2
        while found.casefold() in self.names:
            end = f" {k}"
            found, k = plain[: _LONGEST_NAME - len(end)] + end, k + 1
        self.names.add(found.casefold())
        return found

    def define(self, name: str, page: Page, row: int, column: int) -> None:
        """Name a cell, such as servers_P50; a name taken already is left as it is."""
        plain = re.sub(r"[^\w.]+", "_", name).strip("_")[:200]
        if plain.casefold() in self.defined or not re.match(r"[^\W\d]", plain):
            return
        self.defined.add(plain.casefold())
        place = f"${_letters(column)}${row + 1}"
        quoted = page.sheet.get_name().replace("'", "''")
        self.file.define_name(plain, f"='{quoted}'!{place}")

    def finish(self) -> bytes:
        """Give the bytes of the file."""
        self.file.close()
        return self.buffer.getvalue()


def _letters(column: int) -> str:
    name, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


class Page:
    """One sheet."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self.book, self.sheet = book, sheet
        self.widths: dict[int, float] = {}

    @property
    def name(self) -> str:
        """Name of the sheet."""
        return str(self.sheet.get_name())

    def text(self, row: int, column: int, text: str, **properties: Any) -> None:
        """Write a text as a text, whatever it starts with."""
        self.sheet.write_string(row, column, clean(text), self.book.format(**properties))

    def put(self, row: int, column: int, value: Any, **properties: Any) -> None:
        """Write a value of any kind; nothing where it is None."""
        made = self.book.format(**properties)
        if value is None:
            self.sheet.write_blank(row, column, None, made)
        elif isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, made)
        elif isinstance(value, int | float) and float(value) == value and math.isfinite(value):
            self.sheet.write_number(row, column, _Exact(value), made)
        else:
            self.sheet.write_string(row, column, clean(str(value)), made)

    def widen(self, column: int, text: str) -> None:
        """Make a column wide enough for a text."""
        wanted = min(_WIDEST, max(map(width_of, clean(text).split("\n"))) + 2.0)
        if wanted > self.widths.get(column, 0.0):
            self.widths[column] = wanted
            self.sheet.set_column(column, column, wanted)

    def table(
        self,
        top: int,
        rows: Sequence[Mapping[str, Any]],
        headers: Mapping[str, str],
        left: int = 0,
        freeze: int = 1,
        formats: Mapping[str, str] | None = None,
    ) -> int:
        """Write rows under a header; give the row below the last.

        Parameters
        ----------
        top, left : int
        rows : sequence of mappings
        headers : mapping
            Key of each column → its header.
        freeze : int
            Columns that stay when scrolling; the header always does.
        formats : mapping, optional
            Number formats of columns; otherwise chosen by size.
        """
        kept, apart = rows[: MOST_ROWS - top - 1], 0
        for k, (key, header) in enumerate(headers.items(), left):
            values = [row.get(key) for row in kept]
            is_number = any(isinstance(v, int | float) for v in values)
            align = "right" if is_number else "left"
            head = {"bold": True, "bottom": 1, "align": align, "bg_color": "#EEF2F6"}
            away: dict[str, Any] = {}
            if apart and not is_number:  # a number at its left would touch it
                away = {"indent": 1, "align": "left"}
            self.text(top, k, header, **{**head, **away})
            self.widen(k, header)
            form = (formats or {}).get(key) or number_format(values)
            for i, value in enumerate(values, top + 1):
                look = (
                    {"text_wrap": True, **away} if isinstance(value, str) else {"num_format": form}
                )
                self.put(i, k, value, **look)
                if i < top + 400:
                    self.widen(k, _shown(value, form) + " " * bool(away))
            apart = is_number
        self.sheet.repeat_rows(top)
        if freeze:
            self.sheet.freeze_panes(top + 1, left + freeze)
        return top + 1 + len(kept)

    def range(self, first: int, last: int, column: int) -> list[Any]:
        """Cells of a column, for a chart."""
        return [self.name, first, column, last, column]

    def cell(self, row: int, column: int) -> str:
        """A cell, for a name in a chart: text of users never stands there itself."""
        quoted = self.name.replace("'", "''")
        return f"='{quoted}'!${_letters(column)}${row + 1}"


def _shown(value: Any, form: str) -> str:
    """Roughly what a cell shows, to measure its width."""
    if value is None or isinstance(value, bool | str):
        return "" if value is None else str(value)
    if "E" in form:
        return "-0.00E+000"
    digits = len(form.partition(".")[2])
    return f"{value:,.{digits}f}"
