"""From the contents of a report to one HTML file."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rangecast.engine.files import make_folder, write_whole
from rangecast.engine.result import Result
from rangecast.reports import style
from rangecast.reports.numbers import compact
from rangecast.reports.page.answer import answer
from rangecast.reports.page.assumptions import assumptions
from rangecast.reports.page.bands import bands
from rangecast.reports.page.cases import cases
from rangecast.reports.page.contents import Contents
from rangecast.reports.page.convergence import settling
from rangecast.reports.page.distribution import distribution
from rangecast.reports.page.effects import effects
from rangecast.reports.page.method import footer, method
from rangecast.reports.page.outcomes import outcomes
from rangecast.reports.page.tornado import drivers, drivers_by_period
from rangecast.reports.page.two_way import two_way
from rangecast.reports.words import is_chinese, say, width_of

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = "templates"


def _text(name: str) -> str:
    return (resources.files(__package__) / _FOLDER / name).read_text(encoding="utf-8")


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        autoescape=True,
        loader=FunctionLoader(_text),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"say": say, "compact": compact}
    made.filters["longest"] = _longest
    made.filters["unbroken"] = _unbroken
    made.filters["json"] = lambda value: Markup(_json(value))
    return made


def _longest(ticks: Sequence[tuple[float, str]]) -> int:
    """Columns of the widest label of some ticks."""
    return max((width_of(text) for _, text in ticks), default=0)


def _unbroken(text: str) -> str:
    """Keep a number on one line with its scale word or per cent sign."""
    return re.sub(
        r"(?<=\d) (?=%)", "\N{NO-BREAK SPACE}", re.sub(r"(?<=\d)(?=[万亿])", "\u2060", text)
    )


def _json(value: Any) -> str:
    """Write JSON that no text in it can end the element it stands in."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    for mark, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(mark, code)
    return text


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def policy(css: str, js: str) -> str:
    """Content-Security-Policy of a page: this very style and script, and nothing else."""
    parts = (
        "default-src 'none'",
        f"style-src {_hash(css)}",
        f"script-src {_hash(js)}",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return "; ".join(parts)


def _sections(contents: Contents) -> dict[str, Any]:
    result, detailed = contents.result, contents.detailed
    spread = result.scenarios > 1
    parts = {
        "details": [distribution(contents, n) for n in detailed] if spread else [],
        "drivers": [drivers(contents, n) for n in detailed],
        "effects": [effects(contents, n) for n in detailed],
        "by_period": [drivers_by_period(contents, s) for s in contents.series],
    }
    return {
        **{name: [one for one in found if one] for name, found in parts.items()},
        "answer": answer(contents),
        "bands": bands(contents) if spread else None,
        "cases": cases(contents),
        "tables": two_way(contents),
        "backtest": outcomes(contents),
        "assumptions": assumptions(contents),
        "method": method(contents),
        "settling": settling(contents),
        "footer": footer(contents),
    }


def page(contents: Contents) -> str:
    """Write a report as HTML, in the language that is set.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    str
        The same for the same contents; `made` is the only thing in it that tells when.
    """
    css, js = _text("page.css"), _text("page.js")
    model = contents.result.model
    title = style.plain(model.title or model.file or say("Report"), 300)
    return (
        _environment()
        .get_template("page.html")
        .render(
            **_sections(contents),
            title=title,
            language="zh-CN" if is_chinese() else "en",
            policy=policy(css, js),
            css=css,
            js=js,
            count=f"{contents.result.scenarios:,}",
            seed=contents.result.setup.plan.seed,
            made=contents.made.strftime("%Y-%m-%d") if contents.made else "",
            file=style.plain(model.file, 200) if not model.file.startswith("<") else "",
            sha256=model.sha256[:12],
        )
    )


def write_page(contents: Contents, path: Path) -> int:
    """Write a report into a file, whole or not at all.

    Returns
    -------
    int
        Its size in bytes.

    Raises
    ------
    FileError
    """
    return _write(path, page(contents))


def _write(path: Path, text: str) -> int:
    content = text.encode("utf-8")
    make_folder(path.parent)
    write_whole(path, content)
    return len(content)


def html(results: Result | Sequence[Result], path: str | Path | None = None, **parts: Any) -> str:
    """Write a report of one result, or of several cases, as one HTML file.

    Parameters
    ----------
    results : Result or sequence of Result
        The first is told in detail.
    path : str or Path, optional
        File to write.
    **parts
        As of `Contents`: shown, comparison, backtest, grids, limits, method, statistic, command,
        made.

    Returns
    -------
    str
        The page, which needs no network and runs no script but its own.

    Raises
    ------
    SettingsError
        For an output that is not of the run, with the nearest name.
    FileError

    Examples
    --------
    >>> import rangecast as rc
    >>> model = rc.Model({"x": rc.distributions.Uniform(0, 1)}, lambda x: {"y": 2 * x})
    >>> text = html(rc.simulate(model, scenarios=2_000, seed=1))
    >>> text.startswith("<!DOCTYPE html>"), "https:" in text
    (True, False)
    """
    found = (results,) if isinstance(results, Result) else tuple(results)
    contents = Contents(found, **parts)
    for name in (*contents.shown, *contents.limits):
        if name not in contents.result.model.series:
            contents.result.row(name)  # refuses what is unknown
    text = page(contents)
    if path is not None:
        _write(Path(path), text)
    return text
