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
    "E103": Code("file too large", "A model may have 5 MB, a data file 64 MB and 5 million rows."),
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
    "E118": Code("bad headline", "Write one {range} where the range of the output goes."),
    "E119": Code("not a workbook", "Save it as .xlsx without a password, or as CSV UTF-8."),
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
    "E306": Code(
        "percentiles cannot be fitted",
        "No law of this family has them; the message gives the range that it can have. A J-QPD "
        "(dist = 'jqpd') meets any three, a metalog many.",
    ),
    "E307": Code("bad weights", "Weights are 0 or more, and not all 0."),
    "E308": Code("draws would overflow", "Some draws would be infinite; narrow the distribution."),
    "E309": Code(
        "nothing left between min and max",
        "So little of the distribution lies between that no draw can be made; move the ends.",
    ),
    "E310": Code(
        "bad data",
        "A data file is CSV or TSV with a header, or one column of numbers. Every cell of the "
        "column must be a finite number: mend the cells named, or leave their rows out.",
    ),
    "E312": Code(
        "condition does not fit",
        "Every value of the condition needs a branch; two switches may not change the same thing.",
    ),
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
    "E503": Code("coefficient out of range", "A coefficient lies between −1 and 1."),
    "E504": Code(
        "impossible correlations",
        "The coefficients contradict each other: the matrix of normal scores has a negative "
        "eigenvalue. The message names the smallest contradicting block.",
    ),
    "E505": Code("wrong member of a correlation", "Name uncertain inputs that share no draw."),
    "E506": Code("contradictory pair", "Each pair of two different inputs is given once."),
    "E507": Code("coefficient not a number", "Write a number between −1 and 1."),
    "E508": Code(
        "coefficient out of reach",
        "The two distributions do not allow this Pearson coefficient, whatever their dependence; "
        "the message gives the range. Spearman and Kendall coefficients are always in reach.",
    ),
    "E510": Code("wrong dependence", "The message lists what [dependence] may say."),
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
    "E704": Code("not enough memory", "Use fewer workers, fewer outputs or fewer percentiles."),
    "E707": Code(
        "a limit of the system is reached",
        "No more files or processes are allowed; raise the limit, or use --workers 1.",
    ),
    "E706": Code("back end not usable", "Use auto, sequential, threads, loky or dask."),
    "E801": Code(
        "disk full",
        "No space, or a limit of size, is left there. Nothing was half-written; free some space "
        "and run or resume again.",
    ),
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
    "E806": Code(
        "in use by another process",
        "Another run writes this checkpoint; wait for it, or give another file name.",
    ),
    "E807": Code(
        "path leaves the allowed folder",
        "A model reads data from its own folder only: no absolute path, no '..', no link that "
        "leads out. Copy the file beside the model.",
    ),
    "E808": Code("checkpoint format not supported", "Another version of rangecast wrote it."),
    "E809": Code("output exists", "Choose another name; nothing is overwritten."),
    "E810": Code("package missing", "Install the extra that the message names."),
    "E811": Code("worker died", "A worker process was killed, mostly for lack of memory."),
    "E812": Code(
        "two results for the same scenarios",
        "The same task gave other numbers a second time: the model is not a function of its inputs "
        "alone, or a machine computes wrongly (rangecast check --engine).",
    ),
    "E813": Code(
        "model unknown to a worker",
        "A worker process cannot import the module in which the model's function stands: install "
        "it, or put its folder on PYTHONPATH.",
    ),
    "W204": Code("input not used", "No formula uses this input; remove it or mend a name."),
    "W209": Code("text too long for a cell", "A workbook holds its first 32,767 characters."),
    "W208": Code(
        "units may not fit",
        "A conversion is not what its unit says, or words outside [units] do not cancel.",
    ),
    "W211": Code("names differ by case only", "Legal, but easy to confuse."),
    "W350": Code("input is constant", "The distribution has no spread."),
    "W351": Code(
        "percentile missed",
        "A family of two parameters goes through the outer two of three percentiles and shows how "
        "far it is from the third; warned of where that is more than 1 % of the way between them. "
        "A J-QPD (dist = 'jqpd') meets all three, a metalog many.",
    ),
    "W352": Code("number not exact", "The whole number does not fit a 64-bit float."),
    "W353": Code(
        "draws run together",
        "The distribution is so extreme that most draws are one value, or either of two.",
    ),
    "W355": Code("value listed twice", "Its weights are added; list it once if that is not meant."),
    "W356": Code(
        "few data",
        "Fewer than 20 values say nothing of P5 and P95; use a fitted or a judged distribution for "
        "the tails.",
    ),
    "W357": Code(
        "repeated values",
        "Rounded or heaped values suit no continuous family exactly; rankings of them are rough. "
        "Fit a family of counts to counts, or use the data themselves.",
    ),
    "W358": Code(
        "draws beyond what the unit allows",
        "A share lies between 0 and 1 (0 and 100 %); a count, a time, a mass or a sum of money "
        "whose base value is above 0 rarely falls below it. State min (or max): at the bound it "
        "cuts such draws off, beyond it says that they are meant. A lognormal stays above 0.",
    ),
    "W359": Code(
        "no finite mean",
        "The tail is so heavy that the mean does not exist: averages of draws jump for ever. "
        "Percentiles are right. Cut it off (max = …), or choose a lighter tail.",
    ),
    "W360": Code(
        "no finite standard deviation",
        "The mean exists, but its sampling error does not, and rankings by variance mean nothing. "
        "Percentiles are right. Cut it off (max = …), or choose a lighter tail.",
    ),
    "W361": Code(
        "mean far above the median",
        "The mean is more than 3 times the median: a few large draws carry it. Often meant; ask "
        "whether the highest percentile was. Shown by check -v only.",
    ),
    "W551": Code(
        "coefficients adjusted",
        "They contradicted each other by roundings; the change is less than 1e-9.",
    ),
    "W553": Code(
        "correlation not reached",
        "Values that tie have no order, so discrete inputs attain a smaller rank correlation than "
        "is asked: that of the scores behind them is as asked. check -v shows both.",
    ),
    "W602": Code("non-finite results left out", "Figures are of the finite scenarios."),
    "W604": Code("output is constant", "It has no spread, so nothing can be ranked."),
    "W608": Code("one scenario only", "One scenario has no spread and no intervals."),
    "W510": Code(
        "coefficients changed",
        "The coefficients contradicted each other; as asked, the nearest ones that can all hold "
        "(Higham, 2002) are used. The message lists what changed.",
    ),
    "W609": Code(
        "interval of a mean withheld",
        "The output is so skewed that a few scenarios carry the mean; the usual interval would "
        "miss the true mean far more often than 1 time in 20. Percentiles are not affected.",
    ),
    "W901": Code(
        "no Chinese font",
        "Charts would show boxes: install a font, or set RANGECAST_FONT to a file.",
    ),
    "W803": Code("checkpoint empty", "Nothing was in the file; the run starts from its beginning."),
    "W806": Code("no lock", "The file system has no locks; start a checkpointed run only once."),
    "W811": Code(
        "a worker was lost",
        "A worker process ended, hung or sent damaged bytes; its tasks were done again, and the "
        "result is the same.",
    ),
    "W801": Code("checkpoint not written", "The run went on; the last checkpoint was kept."),
    "W611": Code("precision not reached", "Allow more scenarios, or ask for less precision."),
    "W610": Code("scenarios rounded up", "The design sobol takes 32 times a power of two."),
}
