"""What is asked for: a path, standard input, a shipped name, or nothing that exists."""

import hashlib
import io
import os
import sys
from pathlib import Path

import pytest
from rangecast.engine.errors import ModelError
from rangecast.engine.model import document, load

TEXT = b"[inputs.x]\nvalue = 2\n[outputs.y]\nformula = 'x * 3'\n"


def refusal(source: str | os.PathLike[str]) -> str:
    with pytest.raises(ModelError) as refused:
        load(source)
    return str(refused.value)


def test_the_hash_is_of_the_bytes_parsed(tmp_path: Path) -> None:
    file = tmp_path / "model.toml"
    file.write_bytes(TEXT)
    assert load(file).sha256 == hashlib.sha256(TEXT).hexdigest()


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT)))
    assert load("-").inputs["x"].value == 2.0


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    line = refusal(tmp_path)
    assert line.startswith("error[E102]")
    assert line.endswith("is a directory; expected a model file")


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "servers.toml").write_bytes(TEXT)
    line = refusal(str(tmp_path / "server.toml"))
    assert line.startswith("error[E101]")
    assert "servers.toml'?" in line


def test_a_pipe_is_no_model(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "error[E102]" in refusal(tmp_path / "pipe")


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    with open(tmp_path / "big.toml", "wb") as file:
        file.truncate(100 * 2**20)
    line = refusal(tmp_path / "big.toml")
    assert line.startswith("error[E103]")
    assert "file is 100 MB; limit 5 MB" in line


def test_a_wild_name_is_escaped() -> None:
    line = refusal("bad\n\x1b[2Jname.toml")
    assert line.startswith("error[E101] bad\\n\\x1b[2Jname.toml")
    assert "\x1b" not in line


def test_more_than_five_megabytes_of_standard_input_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(document, "LARGEST_FILE", 50)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT)))
    assert len(TEXT) == 51
    assert refusal("-") == "error[E103] <stdin>: file is larger than 5 MB; limit 5 MB"
