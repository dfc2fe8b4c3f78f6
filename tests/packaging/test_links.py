"""Every link of every page leads somewhere: files, headings, images; nothing is fetched."""

import html
import ipaddress
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
LEFT_OUT = {".venv", ".git", "build", "typings", "node_modules", ".pytest_cache"}
# Written so that this file names no host either.
REGISTRIES = re.compile(
    r"py[p]i|python[h]osted|ana[c]onda\.|conda-[f]orge|npm[j]s|crates\.[i]o|docker\.|ghcr\.|quay\.[i]o"
    r"|ruby[g]ems|proxy\.go[l]ang|cran\.[r]-",
    re.IGNORECASE,
)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+).+?\1", re.DOTALL)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^#{1,6} +(.+?)(?: +#+)?$", re.MULTILINE)


def pages():
    return sorted(
        path
        for path in ROOT.rglob("*.md")
        if not LEFT_OUT & set(path.relative_to(ROOT).parts[:-1])
        and not any(part.endswith(".egg-info") for part in path.parts)
    )


def slug(heading):
    """Anchor of a heading, as GitHub makes it."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", html.unescape(heading))
    words = words.replace("`", "").replace("*", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def anchors(text):
    found, times = set(), {}
    for heading in HEADING.findall(FENCE.sub("", text)):
        name = slug(heading)
        count = times.get(name, 0)
        times[name] = count + 1
        found.add(f"{name}-{count}" if count else name)
    return found | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def links(text):
    """Give (is an image, target) of every link outside code."""
    plain = CODE.sub(lambda m: " " * len(m[0]), FENCE.sub("", text))
    found = [(bool(image), target) for image, _, target in LINK.findall(plain)]
    inner = [m for _, words, _ in LINK.findall(plain) for m in LINK.findall(words)]
    references = re.findall(r"^\[[^\]]+\]: +(\S+)$", plain, re.MULTILINE)
    bare = re.findall(r"(?<![(<\[\"])\bhttps?://[^\s)>\]]+", plain)
    return (
        found
        + [(bool(image), target) for image, _, target in inner]
        + [(False, target) for target in [*references, *bare]]
    )


def wrong(path, is_image, target):
    """Say what is wrong with a link, or nothing."""
    parts = urlsplit(target)
    if parts.scheme or target.startswith("//"):
        return _wrong_outside(parts)
    if target.startswith("/"):
        return "starts at the root of a disk"
    place = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not place.is_relative_to(ROOT) or not place.exists():
        return "no such file"
    if is_image and place.suffix not in {".png", ".svg", ".jpg"}:
        return "no image"
    if parts.fragment and place.suffix == ".md":
        known = anchors(place.read_text(encoding="utf-8"))
        return "" if unquote(parts.fragment) in known else f"no heading for #{parts.fragment}"
    return ""


def _wrong_outside(parts):
    host = parts.hostname or ""
    if parts.scheme != "https":
        return "not https"
    if REGISTRIES.search(host):
        return "a registry"
    try:
        ipaddress.ip_address(host)
        return "an address instead of a name"
    except ValueError:
        return "" if re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", host) else "no host"


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    found = [(target, wrong(path, image, target)) for image, target in links(text)]
    assert [pair for pair in found if pair[1]] == []


def test_no_page_names_the_host_of_a_registry():
    for path in pages():
        hosts = re.findall(r"https?://([\w.-]+)", path.read_text(encoding="utf-8"))
        assert [host for host in hosts if REGISTRIES.search(host)] == [], path


def test_pages_of_the_documentation_are_all_listed():
    """From docs/README.md every page and picture of docs/ can be reached."""
    seen, ahead = set(), [ROOT / "docs" / "README.md"]
    while ahead:
        path = ahead.pop()
        if path in seen:
            continue
        seen.add(path)
        if path.suffix == ".md" and path.is_relative_to(ROOT / "docs"):
            text = path.read_text(encoding="utf-8")
            targets = [urlsplit(target) for _, target in links(text)]
            ahead += [(path.parent / t.path).resolve() for t in targets if t.path and not t.scheme]
    tracked = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "docs"], capture_output=True, text=True
    ).stdout.split()
    files = [ROOT / name for name in tracked] or list((ROOT / "docs").rglob("*.md"))
    kinds = {".md", ".png", ".csv"}
    lost = {str(f.relative_to(ROOT)) for f in files if f.suffix in kinds and f.exists()}
    lost -= {str(f.relative_to(ROOT)) for f in seen if f.is_relative_to(ROOT)}
    assert lost - {"docs/first_picture.png"} == set()  # README shows that one


def test_the_checker_finds_what_is_wrong(tmp_path):
    text = "# One *two*: `three`!\n\n## Same\n\n## Same\n\n```\n[a](b.md)\n```\n`[c](d.md)`\n"
    assert anchors(text) == {"one-two-three", "same", "same-1"}
    assert links(text) == []
    here = ROOT / "README.md"
    assert wrong(here, False, "nowhere.md") == "no such file"
    assert wrong(here, False, "../../etc/passwd") == "no such file"
    assert wrong(here, False, "#no-such-part").startswith("no heading")
    assert wrong(here, False, "#two-commands") == ""
    assert wrong(here, True, "LICENSE") == "no image"
    assert wrong(here, False, "http://example.org") == "not https"
    assert wrong(here, False, f"https://{'py' + 'pi'}.org/x") == "a registry"
    assert wrong(here, False, "https://example.org/a#b") == ""
    assert wrong(here, False, "https://localhost/x") == "no host"
    shown = links("[![x](a.png)](b.md) and https://a.org/x, [r]\n\n[r]: c.md\n")
    assert {target for _, target in shown} >= {"a.png", "b.md", "c.md"}
