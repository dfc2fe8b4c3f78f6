"""Every code a message may carry, in plain words; `rangecast explain CODE` prints them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means and what to do about it."""

    title: str
    advice: str


CODES: Mapping[str, Code] = {
    "E101": Code("file not found", "Give a path, '-' for standard input, or a shipped model."),
    "E102": Code("not a regular file", "A model is one TOML file, not a folder or a device."),
    "E103": Code("file too large", "A model file may have 5 MB; keep data out of it."),
    "E104": Code("not UTF-8", "Save the file as UTF-8; the message gives the first bad byte."),
    "E105": Code("syntax error", "The text is not valid TOML at the place given."),
    "E106": Code("defined twice", "A key or table may be defined once; remove one of them."),
    "E107": Code("nested too deeply", "Flatten brackets and dotted keys."),
    "E109": Code("unsupported format", "This version reads format = 1."),
    "E113": Code("unknown key", "Correct the spelling; the message lists what is allowed."),
    "E114": Code("missing key", "Add the key that is named."),
    "E115": Code("wrong type or shape", "Numbers are written 5e7 or 50_000_000, texts in quotes."),
    "E116": Code("empty model", "A model needs at least one input and one output."),
    "E117": Code("too many items", "Split the model, or mend the first problems and load again."),
    "E118": Code("not a workbook", "Save it as .xlsx without a password, or as CSV UTF-8."),
    "E201": Code("bad name", "Names are letters, digits and _, and start with a letter."),
    "E202": Code("reserved name", "The name belongs to the formula language; choose another."),
    "E203": Code("name used twice", "Inputs, quantities and outputs share one set of names."),
    "E204": Code("unknown name", "Something is referred to that the model does not declare."),
    "E205": Code("circular reference", "Formulas may not need each other in a circle."),
    "E206": Code("look-alike or invisible character", "Retype the name."),
    "E207": Code("unknown unit", "Declare the word under [units], or correct it."),
    "E208": Code("units do not fit", "Mend the formula or the unit; name factors as constants."),
    "E301": Code("unknown distribution", "The message lists the distributions known."),
    "E302": Code("wrong set of parameters", "Give exactly one of the sets the message lists."),
    "E303": Code("parameter out of range", "The message gives the range."),
    "E304": Code("parameters out of order", "low ≤ mode ≤ high, and p10 < p90."),
    "E305": Code("parameter not finite", "NaN and infinity are no parameters."),
    "E307": Code("bad weights", "Weights are 0 or more, and not all 0."),
    "E308": Code("draws would overflow", "Some draws would be infinite; narrow the distribution."),
    "E401": Code("formula syntax", "The formula breaks off or is mistyped at the place given."),
    "E402": Code("construct not allowed", "Formulas are arithmetic, comparisons and calls."),
    "E403": Code("unknown function", "The message lists or suggests functions."),
    "E404": Code("wrong number of arguments", "The message says how many are needed."),
    "E405": Code("formula too long", "Split it into quantities."),
    "E406": Code("formula nested too deeply", "Split it into quantities."),
    "E408": Code("bad constant part", "A part made of numbers only has no finite value."),
    "E409": Code("literal not allowed", "Formulas know real numbers only."),
    "E410": Code("model returned the wrong thing", "Return a dict of arrays, one number each."),
    "E411": Code("true/false expected", "Compare first, such as x > 0."),
    "E413": Code("not reproducible", "Randomness comes from inputs, never from the model."),
    "E414": Code("scenarios not independent", "Scenario i may use scenario i alone."),
    "E416": Code("arguments changed", "A Python model must leave its arguments as they are."),
    "E415": Code("model too costly", "The formulas are too long in total."),
    "E417": Code("periods missing or unknown", "Declare [time], or name one of its periods."),
    "E420": Code("model raised", "The Python function raised an exception; see its text."),
    "E503": Code("coefficient out of range", "A rank correlation lies between −1 and 1."),
    "E504": Code(
        "impossible correlations",
        "The coefficients contradict each other: the matrix of normal scores has a negative "
        "eigenvalue. The message names the smallest contradicting block.",
    ),
    "E505": Code("wrong member of a correlation", "Name uncertain inputs that share no draw."),
    "E506": Code("contradictory pair", "Each pair of two different inputs is given once."),
    "E507": Code("coefficient not a number", "Write a number between −1 and 1."),
    "E601": Code(
        "too many non-finite results",
        "More scenarios than max_failures gave no finite number. The message names the inputs "
        "that drive it; bound them, or guard the formula with where() or max().",
    ),
    "E603": Code("all results non-finite", "No scenario gave a finite number; see the cause."),
    "E700": Code("bad option or value", "The message says what is allowed."),
    "E701": Code("bad number of scenarios", "A whole number from 1 to 2^53, such as 1e6 or 1M."),
    "E702": Code("bad seed", "A whole number, 0 or more."),
    "E703": Code("bad number of workers", "A whole number from 1."),
    "E706": Code("back end not usable", "Use auto, sequential, threads, loky or dask."),
    "E802": Code("cannot read or write", "The operating system refused; its reason is given."),
    "E803": Code(
        "checkpoint damaged or foreign",
        "The file is no checkpoint, or bytes of it have changed; nothing of it is used. Delete it "
        "and start again.",
    ),
    "E804": Code(
        "checkpoint of another run",
        "Model, case, seed, size and design must be those of the run that wrote it; the message "
        "says what differs. Give another file name, or delete the checkpoint.",
    ),
    "E805": Code(
        "checkpoint of another arithmetic",
        "Another version or processor rounds differently, so the result would not be that of one "
        "run. Resume where it was written, or start again.",
    ),
    "E808": Code("checkpoint format not supported", "Another version of rangecast wrote it."),
    "E809": Code("output exists", "Choose another name; nothing is overwritten."),
    "E810": Code("package missing", "Install the extra that the message names."),
    "E811": Code("worker died", "A worker process was killed, mostly for lack of memory."),
    "W204": Code("input not used", "No formula uses this input; remove it or mend a name."),
    "W208": Code(
        "units may not fit",
        "A conversion is not what its unit says, or words outside [units] do not cancel.",
    ),
    "W211": Code("names differ by case only", "Legal, but easy to confuse."),
    "W350": Code("input is constant", "The distribution has no spread."),
    "W352": Code("number not exact", "The whole number does not fit a 64-bit float."),
    "W602": Code("non-finite results left out", "Figures are of the finite scenarios."),
    "W604": Code("output is constant", "It has no spread, so nothing can be ranked."),
    "W608": Code("one scenario only", "One scenario has no spread and no intervals."),
    "W609": Code(
        "interval of a mean withheld",
        "The output is so skewed that a few scenarios carry the mean; the usual interval would "
        "miss the true mean far more often than 1 time in 20. Percentiles are not affected.",
    ),
    "W901": Code(
        "no Chinese font",
        "Charts would show boxes: install a font, or set RANGECAST_FONT to a file.",
    ),
    "W801": Code("checkpoint not written", "The run went on; the last checkpoint was kept."),
    "W611": Code("precision not reached", "Allow more scenarios, or ask for less precision."),
    "W610": Code("scenarios rounded up", "The design sobol takes 32 times a power of two."),
}
