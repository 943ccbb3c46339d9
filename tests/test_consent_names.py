"""The name slot: spellings that are the same name, names that only sound alike, and names that are words."""

import unicodedata

import pytest

from preflight.consent import NameVerdict, Verdict, match_consent

STATEMENT = (
    "I, {}, am currently speaking and consent Tavus to create an AI clone of me by using the audio and "
    "video samples I provide. I understand that this AI clone can be used to create videos that look and "
    "sound like me."
)

NAMES = [
    "José Álvarez", "Łukasz Żółć", "Nguyễn Thị Minh Khai", "Đặng Thùy Trâm", "Siobhán O'Brien",
    "O’Neill Kelly", "Jean-Luc Picard", "Anne-Marie d'Arc", "Vincent van Gogh",
    "María del Carmen García de la Cruz", "John F. Kennedy", "J. R. R. Tolkien", "I Wayan Sudana",
    "Björn Öström", "Søren Kierkegaard", "Çağla Şahin", "Müller Weiß", "Mary Ann Smith", "McDonald Grant",
    "Dr. Ana Kim", "Robert Downey Jr.", "Xi Jinping", "Li", "Cher", "Ludwig Mies van der Rohe",
    "Muhammad ibn Musa", "Zoë Kravitz", "Þór Björk", "D'Angelo Russell", "Мария Лопес", "田中愛", "김민수",
    "محمد علي", "प्रिया शर्मा", "Σωκράτης Παπαδόπουλος", "דוד כהן", "สมชาย ใจดี",
]  # fmt: skip

WORDS = [
    "No Lopez", "Nott Nguyen", "Bo No", "Never Cole", "Nay Win", "Noe Non", "Deny Denise", "Nobody Owens",
    "Will Smith", "Mark Video", "Ai Tanaka", "May June", "Mary Speaking", "Sam Currently", "An To",
    "To The", "Me Audio", "Tavus Smith", "Consent Jones", "Can Understand", "Um Ji-won", "Er Wei",
    "Im Yoona", "Don T. Jones", "Cant Dean", "Dont Able", "Amy I Wong", "Sorry Bob", "Like Me", "A I Jones",
    "I Am",
]  # fmt: skip


def said(heard: str, declared: str, *accepted: str) -> tuple[Verdict, NameVerdict]:
    """The verdicts on a statement spoken with one name while another was declared."""
    match = match_consent(STATEMENT.format(heard), full_name=declared, accepted_names=accepted)
    return match.verdict, match.name.verdict


def variants(name: str) -> set[str]:
    """How recognisers may write one name."""
    stripped = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return {
        name,
        name.upper(),
        name.lower(),
        stripped,
        unicodedata.normalize("NFD", name),
        name.replace("-", " "),
        name.replace("'", "").replace("’", ""),
        name.replace("'", " ").replace("’", " "),
        name.replace(".", ""),
    }


@pytest.mark.parametrize("name", NAMES + WORDS)
def test_a_declared_name_passes_however_it_is_written(name: str) -> None:
    """Case, marks, hyphens, apostrophes and dots are the recogniser's choice; the letters are the name.

    A name may also be a word of the statement or a negation: it is exempt in its slot.
    """
    assert {(Verdict.PASS, NameVerdict.MATCH)} == {said(heard, name) for heard in variants(name)}


@pytest.mark.parametrize(
    ("declared", "heard"),
    [
        ("Müller", "Mueller"),
        ("Mueller", "Müller"),
        ("Ørsted", "Oersted"),
        ("Weiß", "Weiss"),
        ("Björn Müller", "Bjorn Mueller"),
        ("Björn Müller", "Bjoern Muller"),
        ("Åsa Öström", "Aasa Ostrom"),
        ("John F. Kennedy", "John Eff Kennedy"),
        ("Dr. Ana Kim", "Doctor Ana Kim"),
        ("Robert Downey Jr.", "Robert Downey Junior"),
        ("John Smith II", "John Smith the Second"),
        ("MacGregor", "Mac Gregor"),
        ("De La Cruz", "Delacruz"),
        ("Maria Lopez", "Maria um Lopez"),
        ("Maria Lopez", "Maria, Maria Lopez"),
        ("Maria Lopez", "Ma- Maria Lopez"),
        ("Maria Lopez", "Maria Lopez, Maria Lopez"),
        ("Maria Lopez", "Maria Lopez Lopez"),
    ],
)
def test_the_same_name_passes(declared: str, heard: str) -> None:
    """Written-out umlauts, spoken initials, titles, word breaks and false starts."""
    assert (Verdict.PASS, NameVerdict.MATCH) == said(heard, declared)


@pytest.mark.parametrize(
    ("declared", "heard"),
    [
        ("Maria Lopez", "Maria Lopes"),
        ("Maria Lopez", "Mario Lopez"),
        ("Jon Smith", "John Smith"),
        ("Stephen King", "Steven King"),
        ("Catherine Deneuve", "Katherine Deneuve"),
        ("Siobhan Kelly", "Shavon Kelly"),
        ("Mai Nguyen", "Mai Win"),
        ("Maria Lopez", "Lopez Maria"),
        ("Maria Lopez", "Maria Elena Lopez"),
        ("Maria Elena Lopez", "Maria Lopez"),
        ("John F. Kennedy", "John Kennedy"),
        ("John Kennedy", "John F Kennedy"),
        ("John F. Kennedy", "John Fitzgerald Kennedy"),
        ("Maria Lopez", "Maria Lopez Junior"),
        ("Dr. Maria Lopez", "Maria Lopez"),
        ("Мария Лопес", "Maria Lopez"),
        ("田中愛", "Ai Tanaka"),
        ("김민수", "Kim Min-su"),
        ("Maria Lopez", "Маria Lopez"),
    ],
)
def test_a_name_that_is_only_alike_needs_a_person(declared: str, heard: str) -> None:
    """Same sound, other spelling, another script, a middle name more or less: never a silent pass."""
    match = match_consent(STATEMENT.format(heard), full_name=declared)

    assert (Verdict.REVIEW, NameVerdict.ALIKE) == (match.verdict, match.name.verdict)
    assert ("consent-name-alike",) == match.reasons


@pytest.mark.parametrize(
    ("declared", "heard"),
    [
        ("Maria Lopez", "Maria Perez"),
        ("Maria Lopez", "Maria"),
        ("Maria Lopez", "Lopez"),
        ("Maria Lopez", "Maria Lopez Garcia"),
        ("Maria Lopez", "Maria Lopez and John Smith"),
        ("Maria Lopez", "John Smith, Maria Lopez"),
        ("Maria Lopez", "Maria Lopez's brother"),
        ("Maria Lopez", "Maria Lopez under duress"),
        ("Kim Lee", "Tim Lee"),
        ("Мария Лопес", "John Smith"),
        ("Will Smith", "I will"),
    ],
)
def test_another_name_fails(declared: str, heard: str) -> None:
    """A missing surname is another name; so is one name too many."""
    match = match_consent(STATEMENT.format(heard), full_name=declared)

    assert (Verdict.FAIL, NameVerdict.MISMATCH) == (match.verdict, match.name.verdict)
    assert ("consent-name-mismatch",) == match.reasons


@pytest.mark.parametrize("heard", ["", "full name", "your name", "[FULL NAME]", "um", "insert name here"])
@pytest.mark.parametrize("declared", ["Maria Lopez", None])
def test_a_slot_without_a_name_fails(heard: str, declared: str | None) -> None:
    """An empty slot, or one that was read out, names nobody, declared or not."""
    match = match_consent(STATEMENT.format(heard), full_name=declared)

    assert (Verdict.FAIL, ("consent-name-missing",)) == (match.verdict, match.reasons)


@pytest.mark.parametrize(
    "heard",
    ["he", "the undersigned", "under duress", "John Smith under duress", "John and Mary Smith", "myself"],
)
def test_an_undeclared_name_is_nothing_but_a_name(heard: str) -> None:
    """With nothing to compare, words that no name is made of still do not belong into the slot."""
    match = match_consent(STATEMENT.format(heard))

    assert (Verdict.FAIL, ("consent-words-added",)) == (match.verdict, match.reasons)


@pytest.mark.parametrize(
    "heard", ["Maria Lopez's friend", "Maria Lopez’s neighbour", "Maria's John", "Maria Lopez's"]
)
def test_an_undeclared_name_by_way_of_another_needs_a_person(heard: str) -> None:
    """Somebody who belongs to Maria Lopez is not Maria Lopez."""
    match = match_consent(STATEMENT.format(heard))

    assert (Verdict.REVIEW, ("consent-name-mismatch",)) == (match.verdict, match.reasons)
    assert Verdict.PASS == match_consent(STATEMENT.format("Siobhán O'Brien")).verdict


@pytest.mark.parametrize("role", ["lawyer", "sister", "agent"])
def test_a_role_is_no_part_of_an_undeclared_name(role: str) -> None:
    """Nobody is called a lawyer."""
    for heard in (f"Maria Lopez's {role}", f"Maria Lopez {role}"):
        assert Verdict.FAIL == match_consent(STATEMENT.format(heard)).verdict


@pytest.mark.parametrize("heard", ["not Maria Lopez", "Maria Not Lopez", "no, Maria Lopez", "nobody"])
@pytest.mark.parametrize("declared", ["Maria Lopez", "Nora Lopez", None])
def test_a_negation_in_the_slot_is_a_veto(heard: str, declared: str | None) -> None:
    """Only the words of the declared name itself are exempt."""
    match = match_consent(STATEMENT.format(heard), full_name=declared)

    assert (Verdict.FAIL, "consent-negated") == (match.verdict, match.reasons[0])


def test_a_negation_that_begins_the_name_is_a_veto() -> None:
    """ "No, Nora Lopez" is not a false start of Nora."""
    assert (Verdict.FAIL, NameVerdict.MATCH) == said("no, Nora Lopez", "Nora Lopez")


def test_an_accepted_spelling_counts_as_the_name() -> None:
    """The submitter may declare how the name is written or said otherwise."""
    assert (Verdict.PASS, NameVerdict.MATCH) == said("Ai Tanaka", "田中愛", "Ai Tanaka")
    assert (Verdict.PASS, NameVerdict.MATCH) == said("Bob Smith", "Robert Smith", "Rob Smith", "Bob Smith")
    assert (Verdict.FAIL, NameVerdict.MISMATCH) == said(
        "Bill Jones", "Robert Smith", "Rob Smith", "Bob Smith"
    )


def test_the_declared_name_is_reported_as_it_was_declared() -> None:
    """Marks and case of both names stay visible."""
    name = match_consent(STATEMENT.format("JOSÉ álvarez"), full_name="José Alvarez").name

    assert ("José Alvarez", "JOSÉ álvarez", NameVerdict.MATCH) == (name.declared, name.heard, name.verdict)
