"""Honest readings, always the same ones: what recognisers and speakers make of the statement passes.

Most of them are the statement with small slips, the names of many languages, and everyday speech beside it,
as people speak who record a training video.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from preflight.consent import Placement
from preflight.consent.lexicon import Kind, lexicon
from tests.proof.attacks import C1, NAME, STATEMENTS, key

__all__ = ["Honest", "positives"]

FUNCTION = frozenset(
    slot.key for template in lexicon().templates for slot in template.slots if slot.kind is Kind.FUNCTION
)
PLACEMENTS = tuple(Placement)


@dataclass(frozen=True, slots=True)
class Honest:
    """One honest reading, and how it is judged."""

    kind: str
    text: str
    full_name: str | None = NAME
    accepted_names: tuple[str, ...] = ()
    placement: Placement = Placement.OPENING


# As declared, and as spoken where a recogniser writes it otherwise; "=" before an accepted spelling.
NAMES = (
    "Maria Lopez", "José Álvarez", "José Álvarez|Jose Alvarez", "Łukasz Żółć|Lukasz Zolc",
    "Nguyễn Thị Minh Khai", "Nguyễn Văn An|Nguyen Van An", "Siobhán O'Brien|Siobhan O’Brien",
    "O’Neill Kelly|ONeill Kelly", "Jean-Luc Picard|Jean Luc Picard", "Anne-Marie d'Arc|Anne Marie d’Arc",
    "Vincent van Gogh|Vincent Van Gogh",
    "María del Carmen García de la Cruz|Maria Del Carmen Garcia De La Cruz",
    "John F. Kennedy|John F Kennedy", "J. R. R. Tolkien|J.R.R. Tolkien", "I Wayan Sudana",
    "Björn Öström|Bjorn Ostrom", "Søren Kierkegaard|Soren Kierkegaard", "Çağla Şahin|Cagla Sahin",
    "Jürgen Müller|Juergen Mueller", "Jürgen Müller|Jurgen Muller", "Günther Weiß|Guenther Weiss",
    "Mary Ann Smith", "Ian McDonald|Ian Mcdonald", "Dr. Ana Kim|Doctor Ana Kim",
    "Robert Downey Jr.|Robert Downey Junior", "John Smith III|John Smith the third", "Xi Jinping", "Li Na",
    "Cher", "Ludwig Mies van der Rohe", "Muhammad ibn Musa", "Zoë Kravitz|Zoe Kravitz", "Þór Björk",
    "D'Angelo Russell|DAngelo Russell", "Ng Wei Ming", "Nora Lopez", "No Lopez", "Will Smith", "May June",
    "Mark Video", "Ai Tanaka", "Sorry Bob", "Mary Speaking", "Amy I Wong", "Im Yoona", "Leonardo da Vinci",
    "Catarina dos Santos e Silva", "João Gonçalves|Joao Goncalves", "François Lefèvre|Francois Lefevre",
    "Émilie du Châtelet|Emilie du Chatelet", "Ursula von der Leyen", "Maarten 't Hart|Maarten t Hart",
    "Sinéad Ní Chonaill", "Rhys ap Gwilym", "Gwyneth ferch Dafydd", "Ólafur Arnalds|Olafur Arnalds",
    "Astrid Lindgren Ericsson", "Håkon Bråten", "Räikkönen Kimi", "Kärt Tõnisson",
    "Jānis Bērziņš|Janis Berzins", "Žydrūnas Šablinskas", "Dvořák Antonín", "Ľubica Hájková",
    "Đorđe Petrović", "Ștefan Țurcanu|Stefan Turcanu", "Ágnes Szőke", "Kovács János", "Erdoğan Yıldız",
    "Nazım Hikmet", "Мария Иванова", "Мария Иванова|=Maria Ivanova", "Олександр Шевченко",
    "Олександр Шевченко|=Oleksandr Shevchenko", "Георги Димитров", "Σωκράτης Παπαδόπουλος",
    "Σωκράτης Παπαδόπουλος|=Sokratis Papadopoulos", "Ελένη Γεωργίου", "محمد علي", "محمد علي|=Mohamed Ali",
    "فاطمة الزهراء", "فاطمة الزهراء|=Fatima al-Zahra", "דוד כהן", "דוד כהן|=David Cohen", "प्रिया शर्मा",
    "प्रिया शर्मा|=Priya Sharma", "অমিত দাস|=Amit Das", "சுப்ரமணியன்|=Subramanian", "田中愛", "田中愛|=Ai Tanaka",
    "李小龙", "李小龙|=Li Xiaolong", "王芳|=Fang Wang", "김민수", "김민수|=Kim Min-su", "สมชาย ใจดี",
    "สมชาย ใจดี|=Somchai Jaidee", "გიორგი ბერიძე|=Giorgi Beridze", "Արմեն Սարգսյան|=Armen Sargsyan",
    "Ahmed al-Rashid|Ahmed Al Rashid", "Omar El-Sayed", "Yusuf bin Abdullah", "Aishah binti Rahman",
    "Siti Nurhaliza", "Putu Ayu Laksmi", "Thabo Mbeki", "Nomvula Dlamini", "Chukwuemeka Okafor",
    "Adébáyò Ọláwálé", "Ngozi Okonjo-Iweala|Ngozi Okonjo Iweala", "Haile Selassie", "Wanjiru wa Kamau",
    "Keoni Kealoha", "Kalani Kapaʻa", "Tāne Ngata", "Aroha Te Whare", "Nayeli Xochitl Quispe",
    "Túpac Amaru Condori", "Tenzin Gyatso", "Bayarmaa Dorj", "Aung San", "Sok Chea", "Bounmy Vongsa",
    "Maria Theresa Reyes-Santos", "Juan Carlos Ortiz y Gasset", "Elizabeth Windsor-Mountbatten",
    "Mary-Kate Olsen|Mary Kate Olsen", "St. John Rivers|Saint John Rivers",
    "Prof. Alan Grant|Professor Alan Grant", "Sammy Davis Jr.", "Henry Louis Gates, Jr.", "Cédric O",
    "Bono", "Robert Smith|=Bob Smith", "William Gates|=Bill Gates", "Elizabeth Moss|=Liz Moss",
    "Aleksandra Nowak|=Ola Nowak", "Jesús Martínez|Jesus Martinez",
)  # fmt: skip

PREAMBLES = (
    "Hello.", "Hi there.", "Okay.", "Okay, so.", "Alright.", "Good morning.", "Good afternoon, everyone.",
    "Hi, my name is Maria Lopez.", "Hello, I'm Maria.", "Hi, this is Maria.", "Okay, here we go.",
    "Here we go.", "So, um, okay.", "Let me start with the consent statement.",
    "I'm going to read the consent statement now.", "This is my consent statement.",
    "Consent statement, take one.", "Take two.", "Recording.", "We are recording.", "Is it on? Okay.",
    "Can you hear me? Good.", "Testing, one, two, three.", "Three, two, one.", "Today is the fifth of May.",
    "It is Monday, March second.", "Hello, Tavus team.", "Thank you for having me.",
    "Thanks for the opportunity.", "Okay, ready.", "I'm ready.", "All set.", "Let's begin.",
    "Let's do this.", "Right, let's go.", "First the consent statement.",
    "I will now read the statement aloud.", "Good evening, my name is Maria Lopez.",
    "Welcome to my consent video.", "One moment please. Okay.", "Sorry, once again.",
    "Sorry, let me start over.", "From the top.", "Okay, second attempt.", "For the record,",
    "So, for the record,", "Alright, consent video, Maria Lopez.", "Hi team.", "Good day.", "Yes. Okay.",
)  # fmt: skip
OPENING_ONLY = (
    "The light is a little bright here, but it works.", "I just moved my camera a bit.",
    "I am sitting in my office in Berlin.", "The sun is shining today.", "It is a beautiful morning.",
    "I had a great breakfast.", "Let me put my phone away.", "I hope the microphone is okay.",
    "My dog is sleeping next to me.", "Let me drink some water.", "My tea is ready.", "Let me fix my hair.",
    "I wore my favorite shirt today.", "I am a little nervous.",
    "It's my first time doing a video like that.",
)  # fmt: skip

CONTINUATIONS = (
    "Today's topic is onboarding.", "Cats sleep a lot.", "It does not rain much here in summer.",
    "Let's get started.", "Today I want to talk about our new product.", "Bread needs time.",
    "Bees make honey.", "Paris is in France.", "Mondays are busy.", "Spring is here.", "Dinner is ready.",
    "Honey never spoils.", "Snow is white.", "Trees grow slowly.", "Penguins cannot fly.",
    "The market opens early.", "The train was late.", "The lake is deep.", "The museum is free.",
    "The bakery smells wonderful.", "My sister plays chess.", "My brother drives a truck.",
    "My garden is small.", "My job is fun.", "Our office is in Madrid.", "Our shop sells shoes.",
    "Our team is growing.", "We sell bicycles.", "We bake bread.", "We have three kids.",
    "Winter is coming.", "Coffee comes first.", "Today is Tuesday.", "Today we cook.",
    "Today's lesson is simple.", "Our topic is safety.", "The topic is marketing.",
    "The first topic is pricing.", "Chapter one is about sharks.", "Lesson two: verbs.",
    "Let's talk about sleep.", "Let's look at the numbers.", "Let's make pancakes.", "Let's dive in.",
    "Let's jump right in.", "Hello, students.", "Hi, class.", "Welcome, everyone.", "Welcome back.",
    "Hey, friends.", "Okay, class.", "Good morning, class.", "I teach math.", "I grow tomatoes.",
    "I paint houses.", "I run marathons.", "I bake cakes.", "I have two sons.", "I play the violin.",
    "I speak three languages.", "I drive a bus.", "I study law.", "Elephants are huge.",
    "Lions hunt at night.", "Rome is very old.", "Water is wet.", "Ice melts.", "Birds sing in spring.",
    "Most birds can fly.", "Some spiders are tiny.", "All dogs bark.",
    "Today we are going to look at three simple ways to save energy at home.",
    "In the next few minutes I will walk you through our new dashboard.",
    "My grandmother used to bake an apple cake every Sunday afternoon.",
    "The city where I grew up has a river, two bridges and a very old market.",
    "Every spring thousands of cranes fly over our village.",
    "Our customers often ask how long a delivery takes, so let me explain.",
    "First we wash the rice, then we cook it for fifteen minutes.",
    "Learning a language takes patience, practice and a sense of humor.",
    "The meeting starts at nine, and after that we have lunch together.",
    "I usually take the train to work because I like to read in the morning.",
    "Last weekend my friends and I went camping near the lake.",
    "There are many reasons to visit our country in the spring.",
    "The human heart beats about one hundred thousand times a day.",
    "Photosynthesis is how plants turn light into sugar.", "A good night's sleep is the best medicine.",
    "Our new headphones last for thirty hours on one charge.",
    "I grew up on a farm with cows, chickens and a very loud rooster.",
    "Here are five tips for a better presentation.",
    "To reset the router, press the small button for ten seconds.",
    "When I started this job, I knew very little about sales.", "As a nurse I have met many brave people.",
    "In our town there is a market every Saturday.", "Yoga helps me to start the day calm and rested.",
    "People in my street say hello to each other every day.",
    "A long time ago, in a small village, there lived a baker and his three sons.",
    "The recipe is simple: flour, water, salt and a little patience.",
    "My favorite city in the world is Kyoto, and I hope to go back next year.",
    "Today's weather is perfect for a walk along the coast.",
    "This morning I went for a run and saw a fox in the park.", "This week we talk about healthy snacks.",
    "This chapter is about the Roman empire.", "This video is about gardening.",
    "This is a short introduction to our company.", "This is my second video.", "These are my three cats.",
    "That was the first part.", "Now let me tell you about our services.",
    "Now I am going to read a short story.", "Now I will look into the camera and smile.",
    "Next up, a few words about my work.", "So let's talk about customer service.",
    "So, what is machine learning?", "What is a budget?", "Have you ever wondered how cheese is made?",
    "Do you like music?", "How do airplanes fly?", "Why is the sky blue?", "Who invented the wheel?",
    "Thank you all for coming today.", "Thanks a lot, and welcome to the course.",
    "Good to see you all again.", "Nice to meet you all.", "Welcome back to the kitchen.",
    "Welcome to lesson four of our course.", "Hello and welcome to our monthly update.",
    "My name is Maria and I will be your guide today.", "I'm Maria, and I help small companies grow.",
    "I'm a dentist from Porto.", "Peter is my neighbor and he loves cars.", "Sara and Tom live on a boat.",
    "Mount Everest is the highest mountain on earth.", "Jupiter has more than ninety moons.",
    "Vitamin C is good for the skin.", "Chocolate comes from the cocoa tree.",
    "It doesn't get cold here until November.", "It is not far from the station to the beach.",
    "It isn't hard to learn the guitar.", "It is never too late to learn something new.",
    "It never snows in our town.", "There is no better place than the mountains in June.",
    "There is nothing better than fresh bread.", "Most people do not know how a camera works.",
    "Not every bird can fly.", "Not all mushrooms are safe to eat.", "No two snowflakes are the same.",
    "Nobody in our village has a car.", "Our cat does not like milk.", "My dog never barks at night.",
    "My grandfather never learned to swim.", "The shop is not open on Sundays.", "The lake never freezes.",
    "Plants do not grow in the dark.", "Good bread does not need much yeast.",
    "Rome was not built in a day.", "We do not have a garden.", "We don't sell furniture.",
    "I don't drink coffee in the evening.", "I do not eat meat.", "I have never been to Japan.",
    "I've never been to Canada.", "You do not need any experience to follow.",
    "You don't need special tools.", "You don't have to be an expert.", "In our house nobody wears shoes.",
    "Penguins live in the south and they cannot fly.", "Fish do not have eyelids.",
)  # fmt: skip
LATER = (
    "I do not like rain.", "I never drink coffee after six.", "It is not easy to bake good bread.",
    "My brother does not eat fish.", "There is no milk left.", "We don't have a garden.",
    "Nobody was at home.", "I can't sing.", "You won't find a better beach.",
    "The shop isn't open on Sundays.", "I wouldn't change a thing about my job.", "Not every day is sunny.",
    "I have no pets.", "He never came back.",
)  # fmt: skip
CALM_TALK = (
    "Today we look at the garden behind our house and at the flowers in it. ",
    "First we bake the bread and then we cut the tomatoes and the cheese. ",
    "My sister lives in the old town and works at a school near the river. ",
)  # fmt: skip
EVERYDAY_AFTER = (
    "Hi there, my name is Maria and I work as a product designer in Lisbon.",
    "Hello everyone and welcome to this short video about healthy breakfast.",
    "Good morning. Today I would like to tell you about my favorite place in the mountains.",
    "So, a little about me. I was born in a small town and moved to the city when I was ten.",
    "The first thing I do every morning is make coffee and look out of the window.",
    "One of the best trips I ever took was to the north of Spain with my sister.",
    "Let me tell you a story about a fox and a crow.",
    "Once upon a time there was a king who had three daughters.",
    "As you can see, the light in this room is quite bright.",
    "In this course we will learn how to bake bread at home.",
    "For the last five years I have been teaching mathematics at a school.",
    "My favorite season is autumn because the leaves turn red and gold.",
    "I love music, and I play the piano every evening after work.",
    "Since we started this company we have grown to fifty people.",
    "Our platform helps teams to work together in real time.", "Thank you for watching. See you next time.",
    "Thanks. Now I will stay still and look at the camera.",
    "Okay, now I'll keep my lips closed for thirty seconds.",
    "Alright, that was the consent part. Now the training part.", "Now I will start the training section.",
    "When I was a child, I wanted to be an astronaut.",
    "The rainbow is a division of white light into many beautiful colors.",
    "These take the shape of a long round arch, with its path high above.",
    "Please call Stella. Ask her to bring these things with her from the store.",
    "It was a bright cold day in April, and the clocks were striking thirteen.",
    "We have a great team and we are proud of what we build.",
    "At our company, we believe that every customer deserves a personal answer.",
    "I enjoy hiking, reading and cooking with friends.",
    "Technology has changed the way that we talk to each other.",
    "What I like most about my job is that I meet new people every day.",
    "This is a test of my voice at normal speed.", "You can reach me by phone or email at any time.",
    "Her name is Anna and she lives next door.", "And here is what we are going to talk about today.",
    "Well, I guess that's the first part done.",
    "Hey, I'm Maria, and I'm so excited to show you what we have been working on.",
    "With more than ten years of experience, I help people find the right home.",
    "Imagine waking up to the sound of the sea.",
    "To begin with, let us look at the numbers from last year.",
)  # fmt: skip
EVERYDAY_BEFORE = (
    "Okay.", "Okay, I'm ready.", "Right, so, here goes.", "Hi, this is Maria Lopez.",
    "Hello, my name is Maria Lopez and this is my consent video.", "Is it recording? Okay, it is.",
    "Recording now.", "Three, two, one.", "Let me just read this out.",
    "I'm going to read the statement now.", "Here we go, take two.", "Good evening.",
    "Sorry, let me try that again.", "Sorry about that, starting over.", "Can you hear me? Great.",
    "One second. Okay.", "Consent statement.", "My consent statement for Tavus.",
    "The date is the fifth of March.", "Hi Tavus!", "So I will just say it.", "I hope the sound is good.",
    "I think we are live.", "All right, statement time.", "Thank you for having me.",
)  # fmt: skip


def _placed(at: int) -> Placement:
    return PLACEMENTS[at % len(PLACEMENTS)]


def _varied(kind: str, texts: Iterator[str]) -> Iterator[Honest]:
    for at, text in enumerate(texts):
        yield Honest(kind, text, placement=_placed(at))


def _aliases() -> Iterator[str]:
    """Every listed spelling of the brand, of "AI" and of the small words, alone and together."""
    aliases = lexicon().aliases
    brands = [*sorted(aliases.brand), "Tavus's", "Tavus™", "TAVUS", "ta vus", "Ta-vus"]
    forms = [*aliases.ai, "A.I.", "A I", "A-I", "ai", "Ai", "ＡＩ"]
    for statement in STATEMENTS:
        yield from (statement.replace("Tavus", brand) for brand in brands)
        yield from (statement.replace("AI", form) for form in forms)
        yield from (
            statement.replace("Tavus", brand).replace("this AI", f"this {form}")
            for brand in brands[:5]
            for form in forms[:4]
        )
        for heard, word in aliases.homophones.items():
            yield from (
                statement.replace(f" {word} ", f" {heard} ", 1) for _ in range(f" {word} " in statement)
            )
        for word, others in aliases.confusions.items():
            yield from (
                statement.replace(f" {word} ", f" {other} ", 1)
                for other in sorted(others)
                if f" {word} " in statement
            )
    yield C1.replace("Tavus to", "to have us")
    yield C1.replace("Tavus to", "to have us to")
    yield STATEMENTS[1].replace("to Tavus to", "to have us to")


def _written() -> Iterator[str]:
    """Case, marks and quotes as recognisers and people choose them."""
    for statement in STATEMENTS:
        bare = statement.replace(",", "").replace(".", "")
        for text in (
            statement,
            bare,
            statement.replace(",", ""),
            statement.replace(". I", ", I"),
            bare.replace(" ", "  "),
        ):
            yield from (text, text.upper(), text.lower(), text.title(), text.swapcase())
        for left, right in ("“”", '""', "''", "«»", "„“", "()", "♪♪", "‘’"):
            yield f"{left}{statement}{right}"
        for old, new in (
            (". ", "! "),
            (". ", "... "),
            (", ", " - "),
            (", ", " — "),
            (" ", "\u00a0"),
            (" ", "\n"),
            (". I", ".I"),
            (",", " ,"),
            (".", " ."),
        ):
            yield statement.replace(old, new)
        yield from (
            statement.replace("me ", "me, ", 1),
            statement.replace("AI clone", "AI-clone"),
            statement.replace("clone", "cl\u00adone"),
        )
        yield from (
            f"\ufeff{statement}",
            statement.replace("I understand", "I, understand"),
            statement.replace(". I", ". And I"),
        )


def _lost() -> Iterator[str]:
    """One function word lost, or two; of the long ones one at most, and "give" counts twice."""
    for statement in STATEMENTS:
        words = statement.split()
        light = {"currently", "speaking", "samples", "provide", "give"}
        places = [at for at, word in enumerate(words) if key(word) in FUNCTION and at > 2]
        yield from (" ".join(words[:at] + words[at + 1 :]) for at in places)
        for first, second in zip(places, places[5:], strict=False):
            if {key(words[first]), key(words[second])}.isdisjoint(light):
                yield " ".join(word for at, word in enumerate(words) if at not in (first, second))


def _named() -> Iterator[Honest]:
    for at, entry in enumerate(NAMES):
        declared, _, heard = entry.partition("|")
        accepted = (heard[1:],) if heard.startswith("=") else ()
        spoken = heard.removeprefix("=") or declared
        for number, text in enumerate((spoken, spoken.lower(), spoken.upper())):
            statement = STATEMENTS[(at + number) % 2]
            yield Honest("name", statement.replace(NAME, text), declared, accepted, _placed(at + number))


def _undeclared() -> Iterator[Honest]:
    for at, entry in enumerate(NAMES[::4]):
        text = STATEMENTS[at % 2].replace(NAME, entry.partition("|")[0])
        yield Honest("name not declared", text, None, (), _placed(at))


def _filled() -> Iterator[str]:
    fillers = ("um", "uh,", "er...", "hmm,", "[coughs]", "mhm")
    for number, filler in enumerate(fillers):
        words = STATEMENTS[number % 2].split()
        yield from (" ".join([*words[:at], filler, *words[at:]]) for at in range(len(words) + 1))


def _stuttered() -> Iterator[str]:
    for statement in STATEMENTS:
        words = statement.split()
        for at, word in enumerate(words):
            if at > 2 and len(word) > 3 and not word.startswith("us"):
                yield " ".join([*words[:at], f"{word[:2]}-", *words[at:]])
                yield " ".join([*words[:at], f"{word[:3]}-", *words[at:]])


def _restarted() -> Iterator[str]:
    """Words said again, and broken off anywhere to begin again in full."""
    for number, statement in enumerate(STATEMENTS):
        words = statement.split()
        for at in range(len(words)):
            length = (1, 2, 3, 4, 8)[at % 5]
            if at + length <= len(words):
                yield " ".join(words[: at + length] + words[at:])
        for at in range(number, len(words), 2):
            yield " ".join([*words[:at], ("...", "sorry.", "-", "um, sorry, again.")[at % 4], *words])
    for one in STATEMENTS:
        yield from (f"{one} {other}" for other in STATEMENTS)


def _before() -> Iterator[Honest]:
    for at, before in enumerate((*PREAMBLES, *EVERYDAY_BEFORE)):
        yield Honest("preamble", f"{before} {STATEMENTS[at % 2]}", placement=_placed(at // 2))
    for at, before in enumerate(OPENING_ONLY):
        yield Honest("speech before", f"{before} {STATEMENTS[at % 2]}")


def _after() -> Iterator[Honest]:
    for at, after in enumerate((*CONTINUATIONS, *EVERYDAY_AFTER)):
        yield Honest("speech after", f"{STATEMENTS[at % 2]} {after}")
    for at, (one, other) in enumerate(zip(CONTINUATIONS, EVERYDAY_AFTER * 5, strict=False)):
        yield Honest(
            "speech after, longer", f"{STATEMENTS[at % 2]} {('Okay.', 'Thank you.')[at % 2]} {other} {one}"
        )


def _negated_later() -> Iterator[Honest]:
    for at, after in enumerate(LATER):
        for calm in CALM_TALK:
            yield Honest("a negation later", f"{STATEMENTS[at % 2]} {calm * 3}{after}")


def positives() -> list[Honest]:
    """All honest readings, in one fixed order, each once."""
    found = [
        *_varied("listed spelling", _aliases()),
        *_varied("way of writing", _written()),
        *_varied("small word lost", _lost()),
        *_named(),
        *_undeclared(),
        *_varied("filler", _filled()),
        *_varied("stutter", _stuttered()),
        *_varied("restart", _restarted()),
        *_before(),
        *_after(),
        *_negated_later(),
    ]
    return list(dict.fromkeys(found))
