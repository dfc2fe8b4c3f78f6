"""A report as Markdown, for tickets, wikis and version control: the answer and its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rangecast.engine.files import make_folder, write_whole
from rangecast.engine.result import Result
from rangecast.reports import style
from rangecast.reports.page.answer import answer
from rangecast.reports.page.assumptions import assumptions
from rangecast.reports.page.bands import bands
from rangecast.reports.page.cases import cases
from rangecast.reports.page.contents import Contents, Sheet
from rangecast.reports.page.method import footer, method
from rangecast.reports.page.outcomes import outcomes
from rangecast.reports.page.tornado import drivers
from rangecast.reports.words import say

_MARKS = re.compile(r"([\\`*_\[\]<~|$&])")
_OPENINGS = re.compile(r"[-+=:#>]|\d+(?=[.)](\s|$))")


def escaped(text: str) -> str:
    """Write a text so that Markdown shows it as it is.

    Examples
    --------
    >>> print(escaped("a|b *c* <i>"), escaped("- 1"))
    a\\|b \\*c\\* \\<i> \\- 1
    """
    shown = _MARKS.sub(r"\\\1", " ".join(text.split()))
    opening = _OPENINGS.match(shown)
    if opening is None:
        return shown
    at = opening.end() if shown[0].isdigit() else 0  # "1." begins a list as "-" does
    return f"{shown[:at]}\\{shown[at:]}"


def table(sheet: Sheet) -> list[str]:
    """Write a table of texts, numbers to the right."""
    rules = ["---" if k < sheet.words else "---:" for k in range(len(sheet.heads))]
    rows = [sheet.heads, *sheet.rows]
    head, *body = [f"| {' | '.join(escaped(cell) or ' ' for cell in row)} |" for row in rows]
    return [head, f"| {' | '.join(rules)} |", *body]


def markdown(
    results: Result | Sequence[Result], path: str | Path | None = None, **parts: Any
) -> str:
    """Write a summary of one result, or of several cases, as Markdown (GitHub's).

    Parameters
    ----------
    results : Result or sequence of Result
        The first is told in detail.
    path : str or Path, optional
        File to write.
    **parts
        As of `html`.

    Returns
    -------
    str

    Raises
    ------
    FileError

    Examples
    --------
    >>> import rangecast as rc
    >>> model = rc.Model({"x": rc.distributions.Uniform(0, 1)}, lambda x: {"y": 2 * x})
    >>> text = markdown(rc.simulate(model, scenarios=2_000, seed=1))
    >>> text.splitlines()[2].startswith("**Y: between 0.2")
    True
    """
    found = (results,) if isinstance(results, Result) else tuple(results)
    contents = Contents(found, **parts)
    if path is not None:
        write_markdown(contents, Path(path))
    return summary(contents)


def write_markdown(contents: Contents, path: Path) -> int:
    """Write a summary into a file, whole or not at all.

    Returns
    -------
    int
        Its size in bytes.

    Raises
    ------
    FileError
    """
    content = summary(contents).encode("utf-8")
    make_folder(path.parent)
    write_whole(path, content)
    return len(content)


def summary(contents: Contents) -> str:
    """Write a report as Markdown, in the language that is set.

    Parameters
    ----------
    contents : Contents
    """
    model = contents.result.model
    title = style.plain(model.title or model.file or say("Report"), 300)
    parts = [[f"# {escaped(title)}"], *_answer(contents)]
    if contents.result.scenarios > 1:
        parts += [*_bands(contents), *_drivers(contents)]
    parts += [*_cases(contents), *_backtest(contents), *_assumptions(contents)]
    parts += [*_method(contents), *_footer(contents)]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _list(texts: Sequence[str]) -> list[str]:
    return [f"- {escaped(text)}" for text in texts]


def _sheet(sheet: Sheet) -> Iterator[list[str]]:
    if sheet.rows:
        yield [escaped(sheet.caption)]
        yield table(sheet)


def _answer(contents: Contents) -> Iterator[list[str]]:
    found = answer(contents)
    yield [f"**{escaped(found['sentence'])}**"]
    yield [escaped(found["view"])]
    for text in found["others"]:
        yield [escaped(text)]
    for text in found["banners"]:
        yield [f"> {escaped(text)}"]
    figures = [
        say("{name}: {value} ({note})" if tile["note"] else "{name}: {value}", **tile)
        for tile in found["tiles"]
    ]
    yield _list([*figures, *found["published"]])


def _bands(contents: Contents) -> Iterator[list[str]]:
    found = bands(contents)
    plain = replace(contents, shown=contents.plain or contents.names)
    yield [f"## {say('Bands')}"]
    if found["rows"]:
        heads = (say("output"), *found["heads"])
        rows = tuple((row["label"], *row["cells"]) for row in found["rows"])
        yield table(Sheet(heads, rows))
    yield [escaped(say("P95 means that 95 % of scenarios lie at or below the value."))]
    yield from _sheet(bands(plain)["errors"])
    for fan in found["fans"]:
        yield [f"### {escaped(fan['title'])}"]
        yield from _sheet(fan["sheet"])


def _drivers(contents: Contents) -> Iterator[list[str]]:
    found = [one for one in (drivers(contents, name) for name in contents.detailed) if one]
    if found:
        yield [f"## {say('Drivers')}"]
    for one in found:
        yield [f"### {escaped(one['title'])}"]
        yield from _sheet(one["sheet"])
        yield _list(one["notes"])


def _cases(contents: Contents) -> Iterator[list[str]]:
    found = cases(contents)
    if found is None:
        return
    yield [f"## {say('Cases side by side')}"]
    for one in found["outputs"]:
        yield [f"### {escaped(one['title'])}"]
        yield from _sheet(one["sheet"])
        yield from _sheet(one["differences"])


def _backtest(contents: Contents) -> Iterator[list[str]]:
    found = outcomes(contents)
    if found is None:
        return
    yield [f"## {say('Back-test')}"]
    for sheet in found["sheets"]:
        yield from _sheet(sheet)
    yield [escaped(found["note"])]


def _assumptions(contents: Contents) -> Iterator[list[str]]:
    found = assumptions(contents)
    rows = []
    for row in found["uncertain"]:
        sources = ", ".join(f"[{number}]" for number, _ in row["sources"])
        label = f"{row['label']} ({row['unit']})" if row["unit"] else row["label"]
        basis = say(row["basis"]) if row["basis"] else ""
        words = " ".join(part for part in (basis, sources) if part)
        rows.append((label, row["law"], words, *row["numbers"], row["base"]))
    if rows:
        heads = (say("input"), say("law"), say("basis"), "P10", "P50", "P90", say("base"))
        yield [f"## {say('Assumptions')}"]
        yield table(Sheet(heads, tuple(rows), 3))
    if found["correlations"] is not None:
        yield from _sheet(found["correlations"])
    named = [(f"[{k}] {s['text']}", s["url"]) for k, s in enumerate(found["sources"], 1)]
    yield [f"- {escaped(text)}{_link(url)}" for text, url in named]


def _link(url: str) -> str:
    """Write an address that may be followed."""
    return f" <{url}>" if url and not re.search(r"[\s<>]", url) else ""


def _method(contents: Contents) -> Iterator[list[str]]:
    found = method(contents)
    yield [f"## {say('Method and limits')}"]
    yield _list([*found["sampling"], *found["limits"]])


def _footer(contents: Contents) -> Iterator[list[str]]:
    found = footer(contents)
    if found["command"]:
        yield [say("Make this report again")]
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", found["command"])), default=0))
        yield [f"{fence}sh", " ".join(found["command"].split()), fence]
    yield _list([say("{name}: {value}", name=name, value=text) for name, text in found["facts"]])
