"""The sentences right beside the statement: fragments, strangers and short remarks, and everyday speech."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from preflight.consent import Placement, Verdict, match_consent

C1 = (
    "I, Maria Lopez, am currently speaking and consent Tavus to create an AI clone of me by using the audio "
    "and video samples I provide. I understand that this AI clone can be used to create videos that look and "
    "sound like me."
)
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"

SUSPECT_BEFORE = [
    "If I get paid,", "If you pay me,", "When you pay me,", "Once you pay me,", "Provided I get paid,",
    "Assuming they pay me,", "Until Friday,", "For the next two days,", "In exchange for money,",
    "With a gun at my head,", "In my screenplay, the villain declares:",
    "Reading from the card they handed me:", "I am only saying this to get out of here.",
    "This is a deepfake.", "As Maria's agent,", "Speaking on Maria's behalf,", "For my mother,",
    "Hi, this is John Smith.", "John here.", "I'm John, and I'm reading for Maria.", "I'm out.",
    "Just one video.", "If you pay me.", "If you pay me. Okay.", "Okay, so if I get paid,",
    "okay so if you pay me", "In case I get the job,", "Because he makes me,", "Since they have my son,",
    "While under arrest,", "To get my salary,", "For one video,", "For testing,",
    "With my lawyer's approval,", "By order of my boss,", "On condition of payment,", "After I get paid,",
    "Before I change my mind,", "As John Smith,", "As an actor,", "As a character in a play,",
    "Here is what the villain says:", "The actor then reads:", "John Smith speaking.",
    "My name is John Smith.", "My name's John Smith.", "Call me John.", "Signed by John Smith.",
    "I am John Smith.", "I'm actually John.", "This is actually John Smith.", "I am twelve years old.",
    "I'm 15 years old.", "I'm only sixteen.", "I am underage.", "Не согласна.", "不同意。", "Stop.",
    "Please help.", "Help.", "Someone is holding me here.", "They told me what to say.",
    "He is watching me.", "I was paid to read this.", "Without reading it,", "Under pressure,",
    "In theory,", "For educational use,", "In Germany,", "Only in Germany,", "For six months,",
    "During the trial period,", "As long as I live,", "So long as I work here,", "Even if I wanted to,",
    "Whenever I feel like it,", "Whatever it takes,", "Pending approval,", "Subject to my contract,",
    "According to my script,", "In my role as a nurse,", "Playing the victim,", "Pretending to be Maria,",
    "Quoting my boss,", "From the script:", "The card says:", "Line from the movie:",
    "This is Maria's sister.", "I'm Maria's sister.", "This is a robot.", "I am her lawyer.",
    "I am an actress playing Maria.", "They have my daughter.", "Under the condition that I get a raise,",
    "Given that I am paid,", "In return for a discount,", "As long as they let me go,",
    "Because I lost a bet,", "Since my boss insists,", "To please my boss,", "To keep my job,",
    "So that they release my son,", "So they let me go,", "Before they hurt me,", "After much pressure,",
    "With great reluctance,", "With reservations,", "Despite my doubts,", "Without knowing why,",
    "At the request of my boss,", "By request of my employer,", "On orders from above,",
    "In the voice of Maria,", "In character,", "As my evil twin,", "As a ventriloquist,",
    "Speaking for my sister,", "Standing in for Maria,", "Filling in for Maria,", "I'm Maria's stand-in.",
    "I am Maria's daughter.", "This is Maria's husband speaking.",
    "My mother cannot speak, so I speak for her.", "Maria asked me to do this for her.",
    "Maria is not here.", "Maria could not come today.", "I speak for Maria.", "I represent Maria Lopez.",
    "I'm reading this for Maria.", "John Smith, reading for Maria Lopez.", "Hello, John Smith here.",
    "Hey, it's John.", "It's me, John.", "The name is John.", "They call me John.",
    "My friends call me John.", "Okay, I'm John Smith.", "So I'm John.", "I, John,", "John Smith:", "John:",
    "Narrator:", "Actor two:", "The following is an example:", "Here is an example of a bad statement:",
    "A typical scam goes like this:", "The scammer said:", "The text reads:", "It reads:",
    "They want to hear this:", "I have to say:", "I must say:", "I was asked to read:",
    "I am told to read the following.", "I'm being told what to say.", "Someone is standing behind me.",
    "There is a man with a knife.", "He will hit me otherwise.", "My hands are tied.",
    "I am locked in a room.", "I feel unsafe.", "I am scared.", "I'm eleven.", "I am almost seventeen.",
    "I'm in seventh grade.", "My mom says I can do this.", "My mom said yes.", "Oh no.",
    "I changed my name.", "Fake consent follows.", "This is satire.", "This is not me.", "I hate this.",
    "I don't like this but okay.", "Let's say,", "Let us assume,", "What if", "Supposedly", "In a dream,",
    "In an alternate universe,", "Once upon a time a woman said:", "Twenty years ago I said:",
    "Yesterday I said", "Tomorrow I will say:", "Maybe one day I will say:", "Not today, but", "One day,",
    "Some day,", "For the sake of argument,", "For argument's sake,", "For fun,", "For laughs,",
    "For a laugh,", "Just for fun,", "Just for today,", "Just this once,", "Only this once,",
    "Only for Tavus,", "Solely for testing,", "Purely hypothetically,", "In a hypothetical world,",
]  # fmt: skip
SUSPECT_AFTER = [
    "I call it off.", "The deal is off.", "Stop.", "Stop it.", "I'm out.", "I am undecided.",
    "Ask me again tomorrow.", "In Germany.", "For six months.", "For education.",
    "With prior written approval.", "After my review.", "When I have signed.", "Just one video.",
    "Everything but my face.", "They have my son.", "Please help.", "Help.", "Signed, John Smith.",
    "The same goes for HeyGen.", "I am twelve years old.", "I'm actually John Smith",
    "I am fifteen years old", "Не согласна.", "不同意。", "like him.", "Thank you. In Germany.",
    "Okay. I'm out.", "Thanks. Just one video.", "Within Europe.", "On weekdays.", "At work.",
    "By mutual agreement.", "Until Friday.", "Through December.", "Before Christmas.", "To a degree.",
    "Upon request.", "Per contract.", "Without my face.", "Minus the face.", "Excluding audio.",
    "Audio only.", "Face only.", "Voice only.", "Only my voice.", "This video only.", "One video.", "Once.",
    "Twice.", "This year.", "Maybe.", "Perhaps.", "Sort of.", "Kind of.", "Or so.", "I guess.",
    "I suppose.", "I think.", "I hope so.", "Says my boss.", "Or is it?", "Do I?", "Would I?", "Am I?",
    "Really?", "Wait.", "Hold on.", "Time out.", "Leave it.", "Drop it.", "Kill it.", "Erase it.",
    "Trash it.", "Burn it.", "Scrap that.", "Skip that.", "End it.", "Back out.", "I back out.",
    "I step back.", "I resign.", "I am scared.", "I feel sick.", "I am tied up.", "I am asleep.",
    "I was tricked.", "They tricked me.", "He hits me.", "She made me.", "Save me.", "Call 911.",
    "My boss is here.", "He is listening.", "This is John.", "John here.", "It's John.",
    "John Smith speaking.", "Sincerely, John Smith.", "Yours, John Smith.", "My name is John Smith.",
    "Call me John.", "I am John Smith.", "I'm seventeen.", "I am 16 years old.",
    "I turned fifteen last week.", "I am underage.", "And HeyGen.", "Same for HeyGen.", "HeyGen too.",
    "HeyGen as well.", "This also applies to HeyGen.", "The same applies to Synthesia and HeyGen.",
    "For my employer.", "For Tavus.", "For training.", "With supervision.",
    "With no exceptions but my face.", "When I say so.", "When the contract is signed.",
    "Once the money arrives.", "If the money arrives.", "If I get what I want.", "If it suits me.",
    "As discussed.", "As a favor.", "As an experiment.", "Because they pay me well.", "Because I must.",
    "Since I need the money.", "While I work here.", "Where legal.", "Where allowed by law.",
    "Even though I hate it.", "Although I have doubts.", "Though I wonder.", "Ha ha.", "Haha.", "Lol.",
    "Whatever.", "Who cares.", "Yeah, sure.", "Good luck with that.",
    "If you pay me a million dollars, you can do it.", "If I get my contract, we have a deal.",
    "When you pay me, you can use it.", "I will think about it.", "Let me think about it.",
    "I have my doubts.", "Ya no quiero.", "Lo retiro.", "Nyet.", "Uh-uh.", "Mm-mm.", "Nuh-uh.",
    "Nothing more.", "No more than that.", "End of story.", "Nice try.", "Good joke.", "Very funny.",
    "Not funny.", "Believe me or not.", "Believe it or not.", "You believe that?", "Right?", "Or not.",
    "Or else.", "Whatever you say.", "As you wish.", "If you say so.", "If you insist.", "If I must.",
    "Since you insist.", "Because you insist.", "Because I have to.", "Happy now?", "Are you happy now?",
    "Is that enough?", "Can I go now?", "May I go home now?", "Now let me go.", "Let my son go.",
    "Give me my son.", "Where is my money?", "Now pay me.", "Pay me first.", "Pay first.", "Money first.",
    "You owe me.", "Now give me my money.", "They are watching.", "He is watching me.", "Don't hurt me.",
    "Please don't hurt me.", "Please stop.", "Make it stop.", "I want my lawyer.", "I want to go home.",
    "I want to leave.", "I need a lawyer.", "Ask my lawyer.", "Call my lawyer.", "My lawyer will call.",
    "My lawyer must review this.", "This needs my lawyer's approval.", "This requires approval.",
    "Approval pending.", "To be confirmed.", "To be continued.", "To be approved.", "Draft.", "Draft only.",
    "This is a draft.", "Sample only.", "Test only.", "For reference.", "For review.", "For internal use.",
    "For demo purposes.", "As an example.", "As a sample.", "As a favour.", "Under supervision.",
    "Under review.", "Under contract.", "With restrictions.", "With limits.", "With my lawyer.",
    "Within limits.", "Within reason.", "Within the EU.", "In the EU.", "In Europe only.", "In private.",
    "In public.", "In part.", "In writing.", "On paper.", "On Mondays.", "On one condition.",
    "Except Sundays.", "Except my voice.", "But no audio.", "But quietly.", "But not my voice.",
    "Video only.", "Text only.", "No audio.", "No face.", "Half of me.", "Parts of me.", "Some of me.",
    "Most of me.", "A version of me.", "Like my twin.", "Like somebody else.", "Or like him.",
    "And like him.", "And her.", "And him too.", "And my sister.", "And my family.", "And my voice.",
    "And Synthesia.", "Also HeyGen.", "Also my brother.", "My brother too.", "Same for my brother.",
    "My brother agrees too.", "My wife decides.", "My boss decides.", "My mother decides.",
    "Ask my mother.", "Ask my boss.", "Ask him.", "Ask again later.", "Ask me later.", "Later.",
    "Tomorrow.", "Next year.", "Next week maybe.", "Soon.", "Someday.", "Eventually.", "Never again.",
    "Once more and I quit.", "Two videos.", "Three videos at most.", "Ten seconds only.",
    "For ten seconds.", "For ten days.", "Ten days.", "Six months.", "Until June.", "Through June.",
    "Valid today.", "Valid for six months.", "Expires tomorrow.", "Ends tomorrow.", "This ends tomorrow.",
    "It ends there.", "It ends here.", "The offer ends tomorrow.", "I might revoke it.", "I may change it.",
    "I can change my mind.", "I keep all rights.", "All rights reserved.", "Rights reserved.",
    "Terms apply.", "Conditions apply.", "Restrictions apply.", "Some restrictions apply.", "See terms.",
    "See contract.", "Per my contract.", "As per contract.", "According to contract.", "I was hypnotized.",
    "I am hypnotized.", "I am drunk.", "I am high.", "I am dreaming.", "I am sleeping.", "I am a bot.",
    "I'm an AI.", "I'm a robot.", "I am software.", "I'm a deepfake.", "Beep boop.",
    "This was AI generated.", "This was generated by AI.", "Generated with HeyGen.",
    "Made with ElevenLabs.", "Recorded by John.", "Spoken by John Smith.", "Voiced by John Smith.",
    "Read by John Smith.", "Performed by John Smith.", "Played by John Smith.", "Starring John Smith.",
    "And scene.", "Scene.", "End scene.", "Cut! Great acting.", "That was my impression of Maria.",
    "My best Maria impression.", "I sound like her.", "How did I sound?", "Did that sound like Maria?",
    "Do I sound like Maria?", "I am her sister.", "I am his wife.", "I'm her lawyer.", "Her lawyer here.",
    "I'm in eighth grade.", "I'm a child.", "I'm just a kid.", "I am still in school.", "My parents know.",
    "My mom is here.", "Mom said yes.",
]  # fmt: skip
HARMLESS_BEFORE = [
    "Hello.", "Hi.", "Okay.", "Hello, my name is Maria Lopez.", "Hi, I'm Maria.",
    "Hi, I'm Maria Lopez and this is my consent video.", "Hello, I'm Maria Lopez,", "Hi, this is Maria.",
    "Maria here.", "Good morning everyone.", "Okay, here we go.", "So,", "Okay, so,",
    "Alright, let's begin.", "Here is my consent statement:", "My consent statement:", "Here goes:",
    "For the record,", "For the record:", "As requested,", "Let me start.", "Let's get started.",
    "The weather is nice today.", "Welcome to my video about flowers.", "Is this thing on?",
    "Can you hear me?", "Testing, one, two, three.", "Today is Monday.", "I am ready.", "I'm ready now.",
    "I'm so excited.", "I'm a bit nervous.", "Before we start,",
    "Before we begin, I will read the consent statement.", "First, the consent.",
    "First the consent statement.", "I will now read the statement.", "This is my consent video for Tavus.",
    "This is my statement.", "I'm recording this at home.",
    "In this video I will show you my garden. But first,", "Hello Tavus team.", "Hello, Tavus.",
    "Let me know if you can hear me.", "Tell me when to start.", "Thank you for having me.",
    "It is a nice day today.", "Camera is rolling.", "Three, two, one, go.", "Um,", "Oh, sorry.",
    "With that said,", "Once more,", "One more time.", "okay here we go", "hello my name is maria lopez",
    "thank you for having me", "Today is the twenty second of November.",
    "I'm Maria Lopez and I live in Berlin.", "My name is Maria, I'm from Spain.", "Ready? Okay.",
    "On three. One, two, three.", "Okay, Maria, you're on.", "Hey Tavus, Maria here.",
    "Hello, I'm Maria from Lisbon.", "I am Maria Lopez.", "This is Maria Lopez speaking.", "Maria Lopez.",
    "Maria Lopez, take one.", "Consent video, Maria Lopez.", "Alright, consent statement first.",
    "Let me read the consent statement now.", "I'm going to start with the consent statement.",
    "I will start by reading the consent.", "To start, I will read the statement.",
    "First I will read the statement.", "Before I begin, I need to read this statement.",
    "As part of the process I will read the statement.", "So let me start with the statement.",
    "Okay, I think it's recording.", "I think we are good to go.", "Good to go.", "Is it on? Yes.",
    "Okay, is it recording? Great.", "Can everybody hear me?", "Let me fix the camera.", "One sec.",
    "Sorry, I had to close the door.", "The light is a bit bright today.", "I am sitting in my office.",
    "Hi team, this is my video for Tavus.", "This is for Tavus.", "This video is for Tavus.",
    "My full name is Maria Lopez.", "It is Monday morning.", "It's a beautiful day.", "I'm nervous.",
    "I'm a little nervous, sorry.", "Take three.", "Okay, again.", "Again.", "From the top.",
    "From the beginning.", "Okay, from the top.", "Let me do that again.", "Let me start over.",
    "Starting over.", "Recording.", "Action!", "And action.", "Rolling.", "Go.", "Ready, set, go.",
    "Here is the statement.", "Here's my statement.", "The statement is as follows:",
    "I am giving my consent now.", "Good day, everyone.", "Welcome.", "Welcome to my video.",
    "Nice to meet you.", "Hope you are well.", "I hope you are all doing well.",
]  # fmt: skip
HARMLESS_AFTER = [
    "The weather is nice today.", "We have two small dogs at home.", "There is a red bird in the garden.",
    "I like to cook soup with cheese and rice.", "The coffee is very hot today.", "Thank you for watching.",
    "Thanks for joining me today.",
    "Today I want to talk about the sea.", "Hello everyone, welcome to my video.",
    "My favourite movie is about a dog and a cat.", "In this video I will show you how to plant tomatoes.",
    "For breakfast I eat bread.", "When it is warm I sit outside.", "If it rains, we stay at home.",
    "Let's get started.", "Okay, let's get started.", "So, let's begin.", "Welcome to my channel.",
    "Welcome back to my channel, everyone.", "Thanks for watching.", "Thank you.", "Thanks.", "Okay.",
    "Great.", "I live in Lisbon.", "I am from Lisbon and I work as a teacher.", "I'm German.", "I'm Maria.",
    "I'm Maria Lopez and I live in Spain.", "This is my kitchen.", "This is Maria.", "My name is Maria.",
    "My name is Maria Lopez.", "In the morning I drink coffee.", "On Sundays we play football.",
    "At work I write software for hospitals.", "After breakfast I go for a walk with my dog.",
    "Before work I read the news.", "During the summer we swim in the lake every day.",
    "With a cup of tea I sit in the garden.", "From my window I can see the river.",
    "By the way, my favourite colour is green.", "When I was a child, we had a big garden.",
    "When you cook rice, you need a lot of water.", "If you want good bread, you need good flour.",
    "As a child I lived near the sea.", "As a teacher I talk to many people every day.",
    "Every morning I drink a cup of coffee.", "All children like ice cream.",
    "Some people like winter, and some like summer.", "Two of my friends live in Paris.",
    "One day I want to visit Japan.", "Once a year we go to the mountains.",
    "Since last year I have been learning to play the piano.",
    "To make bread you need flour, water and salt.", "Tomatoes need a lot of sun.",
    "My dog is twelve years old.", "I am forty years old.", "I am thirty-five years old.",
    "Let me tell you about my day.", "First, I would like to introduce our new product.",
    "Good morning, everyone.", "The sky is blue.", "It is sunny.", "I love my dog.", "Here is my story.",
    "How are you today?", "Let's talk about money today.", "Our company was founded in 1999 in Berlin.",
    "This is Tavus training.", "I'm a software engineer from Toronto.", "I'm so happy to be here.",
    "I work with John Smith every day.", "Yesterday I met Anna at the station.",
    "Just a little bit about me: I grew up in Ohio.", "Everything in this kitchen is new.",
    "Any questions are welcome at the end.", "Next, I will talk about my garden.", "That's it.",
    "That is all.", "I'm done.", "Was that okay?", "Take two.", "Once upon a time there was a king.",
    "Good evening, and welcome to the show.", "Hello from Lisbon.", "Hello from sunny California.",
    "Hi everyone, I'm Maria and today we are making pasta.", "Today is a good day.",
    "Today we are making pasta.", "I want to tell you a story about a fox.",
    "My name is Maria and I am a nurse at a hospital in Madrid.",
    "I studied physics at university and then moved to Berlin.",
    "Have you ever been to Iceland? It is a beautiful place.", "What is your favorite food? Mine is pizza.",
    "The quick brown fox jumps over the lazy dog.", "She sells seashells by the seashore.",
    "Peter Piper picked a peck of pickled peppers.", "The sun rises in the east and sets in the west.",
    "People often ask me how I started my career.", "Over the years I have learned a lot about cooking.",
    "Last summer we went to Italy with the whole family.", "Last week I bought a new bicycle.",
    "Tomorrow we will go to the beach.", "There are many ways to cook an egg.",
    "One of my hobbies is photography.", "Our office is in the center of the city.",
    "Our team has built a product that helps people save time.",
    "At the beginning of the year we opened a second shop.", "In the summer I swim in the lake.",
    "In my free time I play the guitar and sing.", "In my garden I plant tomatoes and onions.",
    "In our house we have three cats.", "On weekends I visit my grandmother in the village.",
    "After work I like to run in the park.", "Before breakfast I drink a glass of water.",
    "From here you can see the mountains.", "With my family I travel to the sea every summer.",
    "For dinner we eat soup.", "For lunch I eat a salad.",
    "Like most people, I drink coffee in the morning.", "As a nurse, I work many nights.",
    "When I wake up, I open the window and look at the sky.",
    "When it rains, I stay at home and read a book.", "If it is sunny tomorrow, we go to the lake.",
    "If you visit Rome, you should see the old town.", "Every day I take the bus to the office.",
    "Most of my friends live in the city.", "Some of the trees in our street are very old.",
    "Some days are better than others.", "Half of the garden is full of roses.",
    "Two years ago I started a small business.", "Just like every year, we have a big party in the garden.",
    "Both my parents are teachers.", "Any time of the year is good for a trip to Spain.",
    "All of my friends like to dance.", "Next, we add the flour and the eggs.",
    "First, cut the onions and fry them in oil.", "Then, add some salt and pepper.",
    "Now let's talk about the weather.", "Okay, so today I am going to show you my new camera.",
    "So here is the thing about learning languages.",
    "Well, let me introduce myself. I am a writer from Dublin.", "I am a mother of two and I live in Ohio.",
    "I'm an accountant and I love numbers.", "I'm really happy that you are here.",
    "This is a short video about my town.", "This is how we make bread.",
    "Mary and I went to school together.", "Anna is my best friend.", "Okay, bye.", "Bye!",
    "See you next time.", "See you soon.", "Have a nice day.", "Take care.", "Thank you so much.",
    "Thank you very much for your time.", "Perfect.", "Done.", "Okay, done.", "That's all.",
    "That's all for now.", "And that's it.", "And now, the training part.", "Now the training part.",
    "Let me sit still for a minute.", "Let me take a sip of water.", "Water boils at one hundred degrees.",
]  # fmt: skip


def passes(text: str, placement: str = "opening", full_name: str | None = "Maria Lopez") -> bool:
    """True if the engine clears a text."""
    return Verdict.PASS == match_consent(text, full_name=full_name, placement=placement).verdict


@pytest.mark.parametrize("placement", Placement)
def test_what_hangs_on_to_the_statement_needs_a_person(placement: Placement) -> None:
    """A limit, a plea, a stranger: on no list of refusals, and yet the statement does not stand alone."""
    through = [text for text in SUSPECT_BEFORE if passes(f"{text} {C1}", placement)]
    through += [text for text in SUSPECT_AFTER if passes(f"{C1} {text}", placement)]

    assert [] == through


def test_everyday_speech_beside_the_statement_passes() -> None:
    """Greetings before it, a training video after it."""
    stopped = [text for text in HARMLESS_BEFORE if not passes(f"{text} {C1}")]
    stopped += [text for text in HARMLESS_AFTER if not passes(f"{C1} {text}")]

    assert [] == stopped


@pytest.mark.parametrize(
    "before", ["If you pay me", "Until Friday", "For my mother", "With a gun at my head"]
)
@pytest.mark.parametrize("mark", [",", ".", ":", "", " -"])
def test_a_mark_more_or_less_changes_nothing(before: str, mark: str) -> None:
    """Punctuation is a recogniser's guess."""
    assert not passes(f"{before}{mark} {C1}")
    assert not passes(f"Okay. {before}{mark} {C1}")
    assert not passes(f"{C1} {before}{mark}")
    assert not passes(f"{C1[:-1]} {before.lower()}{mark}")
    assert not passes(f"{before}{mark} {C1}".lower())


@pytest.mark.parametrize(
    "text",
    [
        "Hi, this is John Smith.",
        "John here.",
        "I'm John.",
        "I'm actually John Smith.",
        "My name is John.",
        "Signed, John Smith.",
    ],
)
def test_another_speaker_needs_a_person(text: str) -> None:
    """Whoever says another name near the statement, declared or not, may not be who consents."""
    for full_name in ("Maria Lopez", None):
        for whole in (f"{text} {C1}", f"{C1} {text}"):
            match = match_consent(whole, full_name=full_name)
            assert (Verdict.REVIEW, True) == (match.verdict, "consent-name-mismatch" in match.reasons)
    assert passes(f"{text.replace('John Smith', 'Maria').replace('John', 'Maria')} {C1}")


def test_other_letters_need_a_person_unless_they_are_the_name() -> None:
    """Nobody knows what they say; a name in its own script is a name."""
    named = C1.replace("Maria Lopez", "Мария Лопес")

    assert not passes(f"{C1} Спасибо большое за внимание.")
    assert passes(f"Hello, my name is Мария Лопес. {named}", full_name="Мария Лопес")
    assert not passes(f"{named} Не согласна.", full_name="Мария Лопес")
    assert passes(f"{C1} Today I cook a crème brûlée, a jalapeño soup and a Đà Nẵng noodle dish.")


@pytest.mark.parametrize("age", ["twelve", "seventeen", "9", "16"])
def test_a_childs_age_needs_a_person(age: str) -> None:
    """Somebody who may not consent alone; a grown-up's age, or a dog's, is small talk."""
    assert not passes(f"{C1} Hello everyone, I am {age} years old and I live in Lisbon.")
    assert not passes(f"I'm only {age}. {C1}")
    assert not passes(f"I'm really only just {age}. {C1}")
    assert not passes(f"{C1} Hello everyone, welcome to my video, I am {age}")
    assert passes(f"{C1} Hello everyone, I am forty years old and my dog is {age} years old.")


def test_a_sentence_that_goes_on_needs_a_person() -> None:
    """Without a stop after "me", where the recogniser writes stops, what follows belongs to the statement."""
    assert not passes(f"{C1[:-1]} today we eat bread and cheese at home.")
    assert not passes(f"{C1[:-1]}, today we eat bread and cheese at home.")
    assert passes(f"{C1} Today we eat bread and cheese at home.")
    assert passes(f"{C1} today we eat bread and cheese at home.")


@pytest.mark.parametrize(
    "text",
    [
        "If I feel well, we stay at home in the garden.",
        "If they come today, we stay at home in the garden.",
        "If it rains we stay at home in the garden",
        "If it rains today we stay at home in the garden.",
        "If you visit Rome, you can have this for a year.",
        "If you visit Rome, you can use the recordings of the city.",
        "If it rains, my mother stays at home.",
        "While I wait, we sit in the garden of our house.",
        "During the summer you can do as you like with us.",
        "During the summer we can do this for our friends.",
        "Because the weather is nice, we go to the park.",
        "Sometimes we go to the park, and sometimes we go home.",
    ],
)
def test_a_condition_that_looks_like_small_talk_needs_a_person(text: str) -> None:
    """Set by the speaker, kept by others, about "this", without its comma or its stop: nobody can tell."""
    assert not passes(f"{C1} {text}")


@pytest.mark.parametrize("text", ["John Smith.", "John Paul Smith.", "John:", "JOHN SMITH:"])
def test_a_name_alone_is_another_speaker(text: str) -> None:
    """As in a script."""
    assert not passes(f"{text} {C1}")
    assert passes(
        f"{text.title().replace('John', 'Maria').replace('Smith', 'Lopez').replace(' Paul', '')} {C1}"
    )
    assert passes(f"Good Morning. {C1}")


def test_a_text_without_capitals_hides_no_other_speaker() -> None:
    """Some recognisers write no capitals; then a word on no list may be a name."""
    assert not passes(f"hi this is john smith {C1}".lower())
    assert not passes(f"{C1} i am kevin and i live in paris".lower())
    assert passes(f"hi this is maria lopez {C1}".lower())
    assert passes(f"{C1} i am so happy to be here".lower())


@pytest.mark.parametrize("company", ["HeyGen", "Hour One", "ElevenLabs"])
def test_another_company_close_by_needs_a_person(company: str) -> None:
    """The consent may be meant for it as well."""
    for text in (f"{C1} The same consent goes to {company}, by the way.", f"Hello {company}. {C1}"):
        assert "consent-wrong-party" in match_consent(text, full_name="Maria Lopez").reasons
    assert passes(f"{C1} {'We walk along the river with our dog. ' * 5} I work for {company}.")


@pytest.mark.parametrize("text", ["10 days.", "Two days.", "1 year.", "6 months at most."])
def test_a_measure_right_after_it_needs_a_person(text: str) -> None:
    """A date or a count of its own is none."""
    assert not passes(f"{C1} {text}")
    assert passes(f"{C1} Today is November 22nd.")
    assert passes(f"{C1} Two of us bake the bread today.")


def spoken_cases() -> dict[str, dict[str, Any]]:
    """The fixtures in which a statement is asked for and something is spoken."""
    cases = {path.parent: tomllib.loads(path.read_text("utf-8")) for path in FIXTURES.glob("*/*/case.toml")}
    return {
        f"{folder.parent.name}/{folder.name}": case
        for folder, case in sorted(cases.items())
        if "spoken" in case
        and ("consent_video" not in case["submission"] or folder.parent.name == "consent_video")
    }


WORDS_ALONE = {f"CON{number:03}" for number in range(3, 15)}  # what needs neither times nor speech regions
SPOKEN = spoken_cases()


@pytest.mark.parametrize("case", SPOKEN.values(), ids=SPOKEN)
def test_what_is_spoken_in_the_fixtures_is_judged_as_they_expect(case: dict[str, Any]) -> None:
    """The words of each fixture give the verdict on its consent; no sound is needed to know it."""
    placement = "alone" if "consent_video" in case["submission"] else "opening"
    name = case["submission"].get("full_name")
    match = match_consent(case["spoken"]["text"], full_name=name, placement=placement)
    expected = set(case["expect"]["violations"])
    fails = bool(WORDS_ALONE & expected)
    counted = {"consent-late"} if "CON015" in expected else set()  # in words, where no times are known

    assert fails == bool(set(match.reasons) - counted)
    assert match.verdict is (Verdict.FAIL if match.reasons else Verdict.PASS)


def test_there_are_fixtures_of_either_kind() -> None:
    """A search that finds nothing would prove nothing."""
    failing = [case for case in SPOKEN.values() if WORDS_ALONE & set(case["expect"]["violations"])]

    assert 15 <= len(SPOKEN)
    assert 4 <= len(failing) < len(SPOKEN)
