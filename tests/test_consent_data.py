"""The data files are sound: a slip in them would loosen the check in silence."""

import ast
import tomllib
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from preflight import consent
from preflight.consent.lexicon import Aliases, Kind, _Classes, _slots, _Statement, _Statements, lexicon

C1 = (
    "I, [FULL NAME], am currently speaking and consent Tavus to create an AI clone of me by using the audio "
    "and video samples I provide. I understand that this AI clone can be used to create videos that look and "
    "sound like me."
)
FILES = {"statements.toml": _Statements, "aliases.toml": Aliases}


def data(name: str) -> dict[str, object]:
    """One data file as it is shipped."""
    return tomllib.loads(resources.files(consent).joinpath(name).read_text(encoding="utf-8"))


def test_the_statements_are_word_for_word() -> None:
    """The wording of the vendor's pages, kept here a second time on purpose."""
    assert {
        "tavus-c1": C1,
        "tavus-c2": C1.replace("consent Tavus", "give consent to Tavus"),
    } == {template.id: template.text for template in lexicon().templates}


@pytest.mark.parametrize(("at", "function"), [(0, 20), (1, 22)])
def test_every_word_has_its_class(at: int, function: int) -> None:
    """Twenty critical words, one brand, one name; the others may be lost, but for three at most."""
    kinds = [slot.kind for slot in lexicon().templates[at].slots]

    assert (20, 1, 1, function) == tuple(kinds.count(kind) for kind in Kind)
    assert 21 == lexicon().templates[at].critical_count


@pytest.mark.parametrize("name", FILES)
def test_an_unknown_key_is_an_error(name: str) -> None:
    """A misspelt setting would be ignored otherwise."""
    changed = data(name) | {"fillerz": ["um"]}

    with pytest.raises(msgspec.ValidationError, match="fillerz"):
        msgspec.convert(changed, FILES[name])


@pytest.mark.parametrize(
    ("text", "clauses", "message"),
    [
        ("I, [FULL NAME], consent.", ["I, [FULL NAME],", "agree."], "add up"),
        ("I, [FULL NAME], banana.", ["I, [FULL NAME], banana."], "classes"),
        ("[FULL NAME] consent.", ["[FULL NAME] consent."], "begin"),
    ],
)
def test_a_slip_in_a_statement_is_an_error(text: str, clauses: list[str], message: str) -> None:
    """Clauses add up, every word has one class, and the name follows the "I"."""
    classes = msgspec.convert(data("statements.toml")["classes"], _Classes)
    statement = _Statement(id="x", text=text, clauses=clauses, source="here", read=lexicon().refused[0].read)

    with pytest.raises(ValueError, match=message):
        _slots(statement, classes)


def test_no_table_accepts_a_negation() -> None:
    """A veto word among the aliases, fillers, confusions or greetings would let it through."""
    aliases = lexicon().aliases
    accepted = {
        *aliases.brand,
        *aliases.fillers,
        *aliases.annotations,
        *aliases.homophones,
        *(word for words in aliases.confusions.values() for word in words),
        *aliases.around.courtesy,
        *aliases.around.and_goes_on,
    }

    assert set() == aliases.veto.words & accepted
    assert set() == aliases.veto.words & lexicon().vocabulary


def test_a_refused_wording_is_known_by_words_of_its_own() -> None:
    """Its signature stands in no accepted statement."""
    for refused in lexicon().refused:
        for phrase in refused.signature:
            assert all(phrase not in template.text.lower() for template in lexicon().templates)


def test_the_engine_is_pure() -> None:
    """It imports the standard library, four small libraries and the verdict; nothing reads or sends."""
    allowed = {"rapidfuzz", "msgspec", "jellyfish", "anyascii", "preflight"}
    standard = {
        "collections",
        "dataclasses",
        "datetime",
        "enum",
        "functools",
        "importlib",
        "itertools",
        "math",
        "re",
        "tomllib",
    }
    roots: set[str] = set()
    for path in Path(consent.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                roots |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                roots.add(node.module or "")
    inside = {root for root in roots if root.startswith("preflight")}
    own = {root for root in inside if root.startswith("preflight.consent")}

    assert inside <= {"preflight.verdict", "preflight.convert", *own}
    assert {root.split(".")[0] for root in roots} <= allowed | standard | {
        "__future__",
        "typing",
        "unicodedata",
    }


def test_no_score_takes_part() -> None:
    """Distances choose what to align and call a brand or a name close; ratios answer another question."""
    for path in Path(consent.__file__).parent.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not any(
            name in source for name in ("partial_ratio", "token_set_ratio", "WRatio", "import fuzz")
        )
