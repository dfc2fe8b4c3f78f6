"""`rangecast explain`: pages by any name, short texts, near names for what is not known."""

import sys

import inprocess
import pytest
from rangecast.distributions.guide import GUIDES
from rangecast.distributions.registry import ALIASES
from rangecast.engine.dependence_guide import GUIDES as JOINED
from rangecast.reports.guide import guide_lines


def explain(*words):
    return inprocess.run([sys.executable, "-m", "rangecast", "explain", *words], text=True)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["metalog"], "metalog"),
        (["Logit-Normal"], "logit_normal"),
        (["fisk"], "log_logistic"),
        (["t", "copula"], "t copula"),
        (["iman_conover"], "iman-conover"),
        (["gaussian"], "gaussian"),
        (["truncated"], "truncation"),
        (["zero_inflated"], "zero_inflated"),
    ],
)
def test_a_page_by_any_of_its_names(words, name):
    done = explain(*words)
    assert done.returncode == 0
    assert done.stdout.splitlines() == guide_lines(name)


def test_a_word_of_two_kinds_is_explained_twice():
    for word in ("pearson", "conditional"):
        text = explain(word).stdout
        assert text.startswith("\n".join(guide_lines(word)))
        assert f"\n\n{word}: method: " in text


def test_codes_and_words_stay_short():
    assert explain("w358").stdout.startswith("W358: draws beyond what the unit allows. A share")
    assert len(explain("digest").stdout.splitlines()) == 1


def test_a_code_has_its_example():
    lines = explain("E113").stdout.splitlines()
    assert lines[1] == "For example:"
    assert "  hihg = 3" in lines
    assert "network disk" in explain("W806").stdout


@pytest.mark.parametrize(
    ("word", "start", "part"),
    [
        ("per_period", "per_period, a key of [inputs.NAME]: ", "constant, independent, autocorr"),
        ("inputs.base", "base, a key of [inputs.NAME]: The point estimate", "the median"),
        (
            "headline",
            "headline, a key of [outputs.NAME]: First sentence",
            '"we need {range} servers"',
        ),
        ("goal", "goal, a key of [decisions.NAME]: ", "max, min; left out: max."),
        ("previous", "In formulas previous(x, initial): ", "period before"),
    ],
)
def test_keys_of_the_model_file_and_functions_are_explained(word, start, part):
    text = explain(word).stdout
    assert text.startswith(start)
    assert part in text


def test_a_key_of_several_tables_is_explained_once_where_it_means_the_same():
    text = " ".join(explain("label").stdout.split())
    assert "[inputs.NAME], [quantities.NAME], [outputs.NAME]" in text
    assert text.count("Name for people") == 1
    assert explain("cases.inputs").stdout.count("a key of") == 1


def test_everything_is_listed():
    listed = {line.split("  ")[1] for line in explain().stdout.splitlines() if line[:2] == "  "}
    assert {*GUIDES, *JOINED, "W359", "tornado", "shapley"} <= listed
    assert set(ALIASES.values()) <= listed


@pytest.mark.parametrize(
    ("word", "near"),
    [("lognrmal", "lognormal"), ("spearmn", "spearman"), ("metalogs", "metalog"), ("fsk", "fisk")],
)
def test_nonsense_is_refused_with_the_nearest_name(word, near):
    done = explain(word)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error[E700] explain: nothing is known of this")
    assert f"did you mean '{near}'?" in done.stderr


def test_nonsense_that_is_near_nothing_says_where_to_look():
    done = explain("xyzzyq")
    assert done.returncode == 2
    assert "rangecast explain lists what is known" in done.stderr
