"""Text attacks on the consent engine, always the same ones: not one of them may pass.

Each kind alters, surrounds or imitates a statement so that it is no longer this speaker's plain consent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations

from preflight.consent import Placement
from preflight.consent.lexicon import Kind, lexicon

__all__ = ["Attack", "attacks"]

NAME = "Maria Lopez"
TEMPLATES = lexicon().templates
STATEMENTS = tuple(template.text.replace("[FULL NAME]", NAME) for template in TEMPLATES)
C1 = STATEMENTS[0]
CRITICAL = frozenset(slot.key for slot in TEMPLATES[1].slots if slot.kind not in (Kind.FUNCTION, Kind.NAME))
NAME_PARTS = frozenset(NAME.lower().split())
PLACEMENTS = tuple(Placement)


@dataclass(frozen=True, slots=True)
class Attack:
    """One text that is no consent, and how it is judged."""

    kind: str
    text: str
    full_name: str | None = NAME
    accepted_names: tuple[str, ...] = ()
    placement: Placement = Placement.OPENING


NEGATIONS = (
    "not", "no", "never", "do not", "don't", "don’t", "dont", "cannot", "can't", "without", "refuse to",
    "neither", "hardly", "n't", "n-o-t", "nоt",
)  # fmt: skip
LIMITS = (
    "maybe", "only", "if paid", "pretend to", "reluctantly", "partially", "temporarily", "would", "somebody",
    "fail to", "banana", "except audio", "or",
)  # fmt: skip
OTHER_WORDS = (
    "him", "us", "you", "my brother", "could", "photos", "not", "or", "object", "music",
    "misunderstand",
)  # fmt: skip
PARTIES = (
    "HeyGen", "Synthesia", "ElevenLabs", "OpenAI", "Google", "Microsoft", "Meta", "Adobe", "Descript", "Zoom",
    "Travis", "Davis", "Status", "Thomas", "Taurus", "Octavius", "Gustavus", "Tacitus", "my boss", "anyone",
    "nobody", "them", "my friend", "the government", "you", "us", "Tavus and HeyGen", "HeyGen or Tavus",
    "Tavus partners", "Tavus's competitor", "the", "Tavus not HeyGen", "Maria Lopez", "him", "it",
)  # fmt: skip
PRONOUNS = {
    "I": ("he", "she", "we", "you", "they", "it", "Maria", "nobody"),
    "me": ("him", "her", "us", "you", "them", "it", "myself", "my mother", "no one", "mine"),
}
OTHER_NAMES = (
    "John Smith", "Maria Perez", "Mario Lopez", "Maria", "Lopez", "Lopez Maria", "Maria Elena Lopez",
    "Maria Lopez Garcia", "Maria Lopes", "Mary Lopez", "Anna Kowalska", "Wei Zhang", "Priya Sharma",
    "Мария Лопес", "Marie Lopez", "Maria Gomez", "Mr. Lopez", "Maria L.", "the speaker", "the undersigned",
    "Maria Lopez and John Smith", "John Smith for Maria Lopez", "Maria Lopez's brother", "my sister Maria",
    "Maria Lopez Junior", "not Maria Lopez", "full name", "your name", "insert name here", "um", "nobody",
    "somebody", "myself", "Maria Lopez under duress", "allegedly Maria Lopez", "pretending to be Maria Lopez",
    "Mаria Lореz", "Maria and Carlos Lopez", "he", "she",
)  # fmt: skip
AFTERWARDS = (
    "just kidding", "I take it back", "but only if you pay me", "psych", "not", "unless I say so",
    "I changed my mind", "no wait I don't want this", "if I feel like it", "and my brother", "or maybe not",
    "for one day only", "yeah right", "in your dreams", "actually I refuse", "this is not true",
    "under protest", "I was forced to say this", "as if", "just for today", "except for videos",
    "that was a joke", "and I do not consent", "never mind", "is a lie", "I withdraw my consent",
    "the previous statement is false", "I lied", "ignore that", "forget what I said", "said no one ever",
    "is what I would say if I agreed", "is what they told me to say", "only kidding", "haha just joking",
    "I am being held hostage", "sike", "on second thought no", "until tomorrow", "none of this is true",
    "I revoke it", "please delete this", "this consent is void", "do not use my face",
    "Tavus may not use this", "fingers crossed", "he said", "I'm only acting", "I retract that",
    "I disagree", "I object", "hell no", "fat chance", "nope", "nah", "as long as I get paid",
    "provided you delete it", "subject to contract", "once I have signed", "after I am paid",
    "for educational purposes only", "in English only", "without sound", "other than my face",
    "at gunpoint", "you wish", "because he has a gun", "or else he will hurt me", "wrong", "false",
    "cancel that", "strike that", "correction no", "Actually I take all of that back.",
    "I hereby withdraw everything I just said.", "That is what the script says but I never agreed to it.",
    "Of course I'm joking.", "Kidding!", "Haha, gotcha.", "As if I would ever do that.", "Like hell I do.",
    "My fingers were crossed.", "I say this under pressure from my boss.",
    "My employer is making me do this.", "I had no choice.", "I have no choice but to say this.",
    "They made me say it.", "They told me to say that.", "I was paid to say that.",
    "I was told to read this.", "I am reading this against my will.", "This is not voluntary.",
    "I'm not doing this voluntarily.", "I do this unwillingly.", "I reserve the right to withdraw.",
    "This consent ends tomorrow.", "This consent is valid for one day.", "Consent valid only in Germany.",
    "My consent is limited to internal use.", "My consent is conditional.",
    "My consent excludes commercial use.", "This excludes advertising.", "Not for commercial use.",
    "Not for advertising.", "But not for advertising.", "Only for training.", "Just for testing.",
    "For testing purposes.", "Only today.", "Until I say stop.", "Unless I change my mind.",
    "If my lawyer agrees.", "Provided my lawyer agrees.", "Once my lawyer agrees.",
    "Pending approval by my lawyer.", "Subject to approval.", "That was a test, please ignore it.",
    "That was only a test.", "This is only a rehearsal.", "This was a rehearsal.",
    "Please disregard the above.", "Ignore the above.", "Delete that.", "Please erase this recording.",
    "Stop. Do not use this.", "Do not use any of this.", "Don't you dare.", "You may not clone me.",
    "Nobody may clone me.", "I forbid it.", "I object to this.", "I am against this.", "I oppose this.",
    "I don't want to be cloned.", "I would rather not.", "I'd rather you didn't.", "I don't think so.",
    "No.", "Nope.", "Nah.", "Never.", "Not!", "Nay.", "No way José.", "Absolutely not.", "Certainly not.",
    "In no case.", "By no means.", "On the contrary.", "The opposite is the case.", "Quite the opposite.",
    "Said the liar.", "All lies.", "That's a lie.", "Lies, lies, lies.", "This statement is false.",
    "The above is untrue.", "None of the above applies.", "That is fake news.", "I am not Maria Lopez.",
    "My name is not Maria Lopez.", "My real name is John Smith.", "This is John Smith speaking for Maria.",
    "I speak on behalf of Maria Lopez.", "End of quote.", "Unquote.", "So I was told.", "Or so they say.",
    "According to my agent.", "Allegedly.", "Supposedly.", "Hypothetically speaking.",
    "In a parallel universe.", "In my dreams.", "April fools!", "Sarcasm off.", "Just being sarcastic.",
    "Wink wink.", "Wait, cancel.", "Cancel, cancel, cancel.", "Undo.", "Abort.",
    "Stop the recording, I refuse.", "Forget it.", "Forget everything I said.",
    "Let's pretend I never said that.", "Strike that from the record.", "I rescind my statement.",
    "I regret saying this.", "I made a mistake, I don't consent.", "I changed my mind about all of this.",
    "On second thoughts, leave me out of it.", "I want out.", "Count me out.", "Leave me out of this.",
    "I'm opting out.", "I opt out.", "I decline.", "I disagree with everything above.",
    "I can't agree to this.", "I won't allow it.", "Permission denied.", "Access denied.",
    "Consent denied.", "Consent not given.", "Consent withheld.", "I didn't sign anything.", "I was drunk.",
    "I am a minor.", "I am under eighteen.", "My mother consents for me.", "I am a computer voice.",
    "This is an AI generated voice.", "This voice is synthetic.", "Help me.",
    "Please help, I am being forced.", "He has a gun.", "Somebody call the police.",
)  # fmt: skip
BEFOREHAND = (
    "I do not agree with the following.", "If", "Unless", "This is a joke.", "I never said",
    "It is false that", "Suppose", "Pretend that", "Imagine that", "I refuse to say",
    "They are forcing me to say this.", "Under duress I say", "Not", "It is not true that",
    "I would never say", "Nobody should believe this:", "He said", "For example", "As a joke",
    "Hypothetically", "I deny that", "Under no circumstances do", "Maybe", "She told me to say",
    "The following is false.", "The following is a lie.", "The following statement is not mine.",
    "What follows is fiction.", "This is only an example of what people say.",
    "I am only reading this aloud.", "I am reading what they gave me.", "Someone wrote this for me.",
    "My boss wants me to say this.", "I am being paid to say this.", "They force me to say this.",
    "I have a gun to my head.", "Against my will I say:", "I don't mean what I say now.",
    "Don't take this seriously.", "I am not serious.", "Ignore what I say now.", "Disregard the following.",
    "Never believe this.", "In this scene my character says:", "My role is a woman who says:",
    "Line one of the script:", "Let me quote:", "And I quote:", "Question: did I say", "Did I ever say",
    "Would I ever say that", "Should I say that", "Could it be that", "I wonder whether", "I doubt that",
    "It would be wrong to say that", "It is a lie that", "Nobody thinks that", "Only a fool would say",
    "You want me to say", "Repeat after me:", "Translate this sentence:", "The opposite of",
    "I will never say the words", "I refuse the following:", "I reject this:", "Before I revoke it,",
    "Without any meaning:", "This does not count:", "This doesn't apply to me:",
    "Not me but my sister said:", "My twin sister says:", "Here is how Maria would say it:",
    "Speaking as somebody else,", "On behalf of Maria,", "In the name of my client,",
)  # fmt: skip
REMARKS = (
    "Terms may change.", "Restrictions apply here.", "Exceptions exist.", "Prices vary.",
    "My husband objects.", "My agent objects.", "The contract rules.", "The court decides.",
    "Mother knows best.", "The voice lies.", "Words mean nothing.", "Lawyers disagree.", "Money talks.",
    "The paper lies.", "Silence means refusal.", "The answer is negative.", "My answer is negative.",
    "The reply was negative.", "Maria is absent.", "Robots talk too.", "Europe is excluded.",
    "Adverts are excluded.", "Politics is excluded.", "The audio is exempt.", "Weekends are excluded.",
    "Sundays are exempt.", "The deal expired.", "The offer expired.", "The licence ends Friday.",
    "The window closes Friday.", "Time is limited.", "Friday is final.", "June is the end.",
    "The year ends soon.", "Summer is the limit.", "Children are watching.", "The kidnappers are here.",
    "The police are coming.", "The knife is sharp.", "The door is locked.", "The windows are barred.",
    "My wrists hurt.", "My arms are tied.", "Guards stand outside.", "The guards are armed.",
    "The men are armed.", "The phone is bugged.", "We are prisoners.", "We act here.", "We play roles.",
    "I play roles.", "I play her.", "I play Maria.", "I play others.", "I sing lies.", "I paint fakes.",
    "I like refusing.", "I love saying no.", "I teach acting.", "I bake excuses.", "I have two faces.",
    "I have three conditions.", "I have two demands.", "I have many doubts.", "Let's forget everything.",
    "Let's undo this.", "Let's stop there.", "Let's call it off.", "Let's start over without consent.",
    "Let's make a deal.", "Let's see about that.", "Let's pretend.", "What is consent?", "Who said that?",
    "What is true?", "Why would I?", "How do I cancel?", "When do I get paid?", "Where is my lawyer?",
    "Who is Maria?", "What is my name?", "How much money?", "Do you believe me?", "Do you love money?",
    "Do you know my lawyer?", "Is it off?", "Can I stop?", "Do you need proof?", "Chapter one is a lie.",
    "Lesson one: never sign.", "Step one: cancel.", "Topic closed.", "Episode over.", "The topic is off.",
    "My topic is refusal.", "Our topic is fraud.", "Today is the limit.", "Today does not count.",
    "Today is not good.", "Tomorrow does not count.", "It is not valid.", "It does not count.",
    "It never counts.", "It is not late to stop.", "It is never too late to withdraw.",
    "It is not hard to fake.", "It is not easy to say.", "There is no better liar.", "There is no consent.",
    "There is no deal.", "There is nothing better than the truth.", "You do not need my consent.",
    "You do not have to believe me.", "You don't have to use it.", "You do not need this.",
    "We do not have a deal.", "We do not have any agreement.", "We do not eat lies.",
    "I do not sell my face.", "I don't sell myself.", "I never drive deals.", "I have never been to Tavus.",
    "I have never been asked.", "I have never been Maria.", "Nobody sells me.", "Nobody knows my face.",
    "Nobody likes robots.", "Not all words are true.", "Not every signature is real.",
    "Not every voice is mine.", "No two voices are the same.", "No deal is final.", "No animals consent.",
    "Advertising is not welcome.", "Commercial use is not included.", "Nudity is not okay.",
    "Resale is not possible.", "Weapons are not welcome.", "Germany is not part.", "Asia is not covered.",
    "Audio was never included.", "The audio was not mine.", "The speaker is not human.",
    "The lawyer was not here.", "Maria was not here.", "Maria does not know.", "Maria never knew.",
    "Maria does not like clones.", "My mother does not like clones.", "My boss never sleeps.",
    "Our lawyer does not agree.", "Children do not sign.", "Ghosts do not consent.",
    "Parrots do not understand.", "Parrots talk.", "Parrots repeat words.", "Puppets talk.",
    "Most promises are broken.", "Some rights are reserved.", "All offers end.", "Every deal ends.",
    "All of Europe.", "Some of Asia.", "Most of June.", "Weekdays until noon.", "Europe and Asia.",
    "Winter months.", "Germany, France, Spain.", "Private viewing.", "Internal viewing.", "Family viewing.",
    "Daytime television.", "Small screens.", "Two screens at most.", "Four weeks.", "A single video.",
    "A single country.", "Single country.", "Limited edition.", "First edition.", "Schools and hospitals.",
    "Hospitals get it.", "Charity events.", "Radio silence.", "Blah blah blah.", "Bah.", "Pff.", "Tss.",
    "Yuck.", "Ugh.", "Whoa, stop.", "Whoops.", "My bad.", "Wrong video.", "Wrong person.", "Wrong script.",
    "Different person.", "Another woman spoke.", "A machine spoke.", "A friend wrote it.",
    "Others may follow.", "Pay up.", "Sign here.", "Ask around.", "Think again.", "Guess again.",
    "Dream big.", "Keep dreaming.", "Good night.", "Case dismissed.", "Objection.", "Overruled.", "Denied.",
    "Rejected.", "Returned unsigned.", "Unsigned.", "Unread.", "Untrue.", "Unlikely.", "Doubtful.",
    "Questionable.", "Tentatively.", "Provisionally.", "Grudgingly.", "Theoretically.", "Figuratively.",
    "Metaphorically.", "Ironically.", "With my toes crossed.", "Under my breath.", "Out of pity.",
    "Out of fear.", "For the moment.", "For the time being.", "At my discretion.", "On loan.",
    "On probation.", "On approval.", "In draft form.", "In my absence.", "In the short term.",
    "In small doses.", "In moderation.", "In black and white.", "Barring objections.", "Save for my voice.",
    "Bar none.", "Give or take.", "More or less.", "Take it or leave it.", "Dead or alive.",
    "Sooner or later.", "Not that I care.", "Not that it matters.", "As far as I know.",
    "To the best of my knowledge.", "If memory serves.", "If only.", "If at all.",
    "When hell freezes over.", "Once bitten, twice shy.", "Until further notice.",
    "Unless otherwise stated.", "Subject to change.", "Errors excepted.", "Batteries not included.",
    "Void where prohibited.", "Past performance.", "Your mileage may vary.", "No refunds.",
    "No strings attached.", "Strings attached.", "Conditions attached.", "Price on request.",
    "Price negotiable.", "Negotiable.", "To be negotiated.", "To be decided.", "I call that acting.",
    "I say otherwise.", "I beg to differ.", "I digress.", "I pass.", "I bow out.", "I bail.", "I fold.",
    "I bluff.", "I bluffed.", "I fibbed.", "I faked it.", "I made it up.", "I read it wrong.",
    "I read cue cards.", "I mumbled.", "I was paid.", "I was asked.", "I was hired.", "I was bluffing.",
    "I was dreaming.", "I am hired.", "I am dubbed.", "I am muted.", "I am nobody.", "I am somebody else.",
    "I am someone else.", "I am two people.", "I am his twin.", "I am no adult.", "I am too young.",
    "I am too drunk.", "I am under oath.", "I am under age.", "I am under hypnosis.", "I am under orders.",
    "I follow orders.", "I obey my boss.", "I need cash.", "I need help.", "I need out.", "I need time.",
    "I need my lawyer.", "I need to think.", "I need to ask.", "I want money.", "I want cash.",
    "I want it back.", "I want a contract.", "I want to stop.", "I want it deleted.", "I want a refund.",
    "Germany has no access.", "France has no licence.", "Customers have no rights.",
    "Competitors have no access.", "Strangers have no business here.", "Robots have no soul.",
    "Machines have feelings.", "Hackers have passwords.", "The owner has died.", "The star has left.",
    "The singer has gone.", "My sister has taken over.", "My neighbor has the rights.",
    "Our union has objections.", "Our union has concerns.", "The union has concerns.",
    "The bank has not paid.", "The money has not arrived.", "The cheque has bounced.",
    "The cheque has not arrived.", "The signature has dried.", "The ink has not dried.",
    "The jury has spoken.", "The clock has stopped.", "The party was cancelled.", "The party is over.",
    "The circus is closed.", "The shop is closed.", "The bridge is burned.", "The bird has flown.",
    "The well is poisoned.", "The dice are loaded.", "The cards are marked.", "The emperor is naked.",
    "The circle is closed.", "The matter is closed.", "The subject is closed.", "The discussion is closed.",
    "The discussion is pending.", "The negotiations are pending.", "The negotiations are ongoing.",
    "The negotiations never started.", "Negotiations are ongoing.", "Discussions are ongoing.",
    "Talks are ongoing.", "Details are unclear.", "The details are unclear.", "The meaning is unclear.",
    "The intention is unclear.", "The fee is open.", "The salary is low.", "The project is cancelled.",
    "The project is dead.", "The project never starts.", "The project does not start.",
    "The company does not start.", "The work does not start.", "The cloning does not start.",
    "The avatar does not eat.", "Lawyers eat clones.", "Everybody hates clones.", "Everyone needs consent.",
    "Everybody needs money.", "Everyone has limits.", "Everyone sells lies.", "Everybody makes mistakes.",
    "Everyone makes things up.", "Nobody likes this.", "I teach deception.", "I teach lying.",
    "I sing other songs.", "I hunt cloners.", "I hunt clones.", "I sell fakes.", "I sell secrets.",
    "I sell illusions.", "I build fakes.", "I wear a wig.", "I wear a mask.", "I wear a wire.",
    "I need a drink.", "I run away.", "I run.", "I walk away.", "I fly away.", "I swim against it.",
    "I love lying.", "I love fiction.", "I like fiction.", "I like pretending.", "I like to pretend.",
    "I like to lie.", "I like to joke.", "I enjoy a good prank.", "I have two names.",
    "I have two lawyers.", "I have six conditions.", "I have many faces.", "I have many voices.",
    "I have many names.", "I have four objections.", "I cannot sing like her.", "I do not drink and sign.",
    "I do not eat my words.", "I do not wear a microphone.", "I do not teach robots.",
    "We do not have the rights.", "We do not have a contract.", "We do not have clearance.",
    "We do not have an understanding.", "We don't have authorization.", "We don't have her approval.",
    "We don't have Maria.", "We never learned to trust Tavus.", "You can't buy my consent.",
    "You can not visit me.", "You do not need to start.", "You do not need to do it.",
    "You don't need a reason.", "You do not have to.", "You do not need to know.",
    "You do not need to clone anybody.", "You don't have to keep it.", "You don't have to be Maria.",
    "There is no contract in place.", "There is no contract on paper.", "There is no agreement in place.",
    "There is no Maria in this room.", "There is no person in here.", "There is no woman at home.",
    "There is no sense in this.", "There is nothing like freedom.", "There is nothing better than silence.",
    "There is no room in it.", "There are no rights in it.", "There was no choice in the matter.",
    "There is no obligation on my side.", "There is no better answer than no.",
    "There is no freedom in chains.", "Look at the contract.", "Look at the fine print.",
    "Look at the small print.", "Look at my fingers.", "Look at my hands.", "Look at the date.",
    "Look at the clock.", "Look at the gun.", "Look at the man behind me.", "Listen to my lawyer.",
    "Listen to the real Maria.", "Listen to the tape.", "Listen to the original.",
    "Did you know that I lie?", "Did you know that this is fake?", "Did you know clones are illegal?",
    "Did you know that consent needs sobriety?", "Do you love lies?", "Who eats clones?",
    "What is legal here?", "What is the price?", "What is the salary?", "What is the penalty?",
    "What is the punishment?", "How is this legal?", "How are you paying?", "Where is the exit?",
    "Where is the money?", "Who is Tavus?", "Who is speaking?", "Who has the gun?", "When is payday?",
    "Why is Tavus lying?", "Lesson one, refuse.", "Step two: revoke.", "Number one: no.",
    "Question one is who I am.", "Tip one: delete everything.", "Topic one: my conditions.",
    "Let's open negotiations.", "Let's start a lawsuit.", "Let's start with the fee.",
    "Let's start with payment.", "Let's talk about my fee.", "Let's talk about conditions.",
    "Let's look at the contract first.", "Let's see the contract.", "Let's get a lawyer.",
    "Let's get paid.", "Let's get this over with.", "Let's make it a no.", "It is hard to believe.",
    "It is hard to say yes.", "It is difficult for me.", "It is too early to sign.",
    "It is too early to tell.", "It is too early for that.", "It is too early.", "It is too late.",
    "It takes two.", "It takes a lawyer.", "It is not far from the truth.", "It is not far from a lie.",
    "It is not hard to imitate her.", "It is never too late to change course.", "It was hard to refuse.",
    "It rains lies.", "The topic is revocation.", "Our goal is a refund.", "The subject is refusal.",
    "The goal is deception.", "The plan is deception.", "The method is deception.",
    "The tone is sarcastic.", "The tone is ironic.", "The wording is theirs.", "The wording is wrong.",
    "The text is theirs.", "The text is hers.", "The idea is theirs.", "The wig is mine.",
    "The accent is fake.", "The beard is fake.", "The smile is forced.", "The smile is painted.",
    "The story is invented.", "The tale is invented.", "The woman is dead.", "The woman was dead.",
    "Maria was dead.", "The singer is dead.", "Anna is present.", "Anna was faster.", "Olga was better.",
    "My twin is shy.", "My sister is shy.", "My mother was upset.", "My father was furious.",
    "My parents were shocked.", "My kids hate clones.", "My dentist has doubts.", "My conscience is clear.",
    "My memory is bad.", "My brain is tired.", "My mind is weak.", "My health is bad.",
    "My eyesight is bad.", "My English is bad.", "My fingers were crossed.", "My toes are crossed.",
    "My eyes were closed.", "My hearing is poor.", "My pills are strong.", "My medication is strong.",
    "Wine makes me talk.", "Fear makes people talk.", "Money makes liars.", "Torture makes people talk.",
    "Threats make liars.", "Hunger makes people sign.", "Debts make slaves.", "Slaves have masters.",
    "Slaves never choose.", "Slaves do not choose.", "Servants do not choose.", "Prisoners do not choose.",
    "Children do not know.", "Animals do not know.", "Drunks do not know.", "Sleepers do not know.",
    "Some people know.", "Most people need money.", "All people need money.",
    "Every person needs protection.", "Every clone needs a master.", "Some clones are illegal.",
    "Some uses are illegal.", "Some uses are banned.", "Two uses are banned.",
    "Most countries are excluded.", "All countries are excluded.", "Not all countries are open.",
    "Not all uses are open.", "Not all days are open.", "Not every day is open.", "No country is open.",
    "No two contracts are equal.", "Weekends are off.", "Weekends are mine.", "Sundays are sacred.",
    "Nights are sacred.", "Evenings are sacred.", "Summer is sacred.", "Religion is sacred.",
    "Politics is taboo.", "Religion is taboo.", "Alcohol is taboo.", "Tobacco is taboo.",
    "Gambling is taboo.", "Violence is taboo.", "Satire is taboo.", "Russia is taboo.", "China is out.",
    "Russia is off.", "Asia is unwanted.", "Asia has to wait.", "Europe comes first.",
    "Europe comes later.", "Germany starts later.", "July starts the clock.", "Production starts in July.",
    "Payment starts in July.", "June ends it.", "Monday starts the trial.",
)  # fmt: skip
SENTENCES = (
    "I would prefer that nobody uses my voice after June.", "Treat my words as a comedy sketch.",
    "Everything you just heard was my colleague's idea.",
    "I am saying these words so that my landlord leaves me alone.",
    "The person in this recording is somebody else.", "I hope nobody believes a word of it.",
    "My previous words carry no weight.", "What I just read has no meaning for me.",
    "The words above were written by my employer and I do not share them.",
    "You can do that when I am dead.", "My permission ends the moment I leave this room.",
    "Tavus gets my voice for a week and then everything goes.",
    "All recordings have to be destroyed by the end of the month.",
    "Please do your work without my face, thank you.",
    "Everybody who uses my face will hear from my lawyer.", "The audio part stays with me.",
    "My face stays out of the videos.", "Only my closest friends can see these videos.",
    "These videos are for my family.", "That sentence was a line from a play.",
    "I was rehearsing for the school theatre.", "My drama teacher wrote those lines.",
    "I read that from a card that a stranger gave me.", "A man outside told me to read it.",
    "My manager stands next to me and nods.", "They said I would lose my job otherwise.",
    "Otherwise I lose my job, so here we are.", "I need this job so I had to read it.",
    "Let us be clear that I get twenty percent of all income.",
    "I expect a payment of two hundred euros for every video.",
    "First transfer the money, then make the clone.", "Before anything happens, call my attorney.",
    "Wait for my email before you start.", "Hold everything until you hear from me.",
    "We will talk about the real conditions later.", "The real answer comes by letter.",
    "My real answer is in the letter that I sent you.", "I sent you a letter with my actual opinion.",
    "Please look at my email, it says the opposite.",
    "What I actually want is something completely different.", "In truth I find all this disgusting.",
    "Honestly, I find the idea of a clone horrible.", "Frankly, cloning people should be a crime.",
    "A clone of me would be a nightmare.", "Nobody should ever have a clone.",
    "People like me belong in court, says my lawyer.", "I will sue everybody who makes a clone.",
    "I am going to sue you.", "See you in court if you try it.", "Try it and you will regret it.",
    "Go ahead and see what happens.", "Just try it.", "Good luck proving it.",
    "You will never find out who I am.", "My ID card says something else.",
    "The passport I showed you is my cousin's.", "I borrowed the name from a friend.",
    "My sister lent me her name for this.", "I use the name of my neighbor here.",
    "The woman who said that is sitting next to me.", "A friend of mine did the talking.",
    "My phone played a recording of Maria.", "The voice you heard came from a loudspeaker.",
    "That came out of a computer.", "A computer program wrote and spoke all of that.",
    "The last sentence is a mistake.", "The second sentence should be deleted.",
    "Cut the second sentence, please.", "Take the first sentence out again.",
    "Replace Tavus by my own company.", "When I say Tavus I mean my own company.",
    "By me I mean my brother.", "By clone I mean a drawing.", "With clone I mean a photo and nothing else.",
    "Me means my brother in this case.", "It is a secret that I was somewhere else when this was recorded.",
    "Yesterday I would have said something else and tomorrow I will too.",
    "My consent has conditions which I sent by email.", "The consent is worth ten thousand dollars.",
    "For ten thousand dollars it is yours.", "That will be ten thousand dollars, please.",
    "The bill is on its way.", "You have thirty days.", "You have one year, then it is over.",
    "The year after that belongs to me again.", "Use it until Christmas.",
    "Use it wisely and only at night.", "Show it to nobody.", "Keep it private.", "Keep my face private.",
    "Blur my face in all videos.", "Mute the sound in all videos.", "Make the videos silent.",
    "Do it with a photo of somebody else.", "Take my brother's face.", "Take somebody else.",
    "Find somebody else.", "Look for another person.", "Choose another person for this.",
    "Ask Anna, she does it.", "Anna will do it for me.", "My daughter wants it, I just read it.",
    "My husband signs such things for me.", "A judge has to approve it first.",
    "My doctor says I cannot decide such things.", "I have a guardian who decides for me.",
    "The medicine makes me say strange things.", "I had five glasses of wine.", "I am so drunk right now.",
    "I am still in high school.", "My homeroom teacher is going to be mad.",
    "I turn eighteen in three years.", "I get my driver's licence in two years.",
    "My mommy helps me with the camera.",
)  # fmt: skip
PARAPHRASES = (
    "I agree that Tavus may build a digital twin of Maria Lopez.",
    "I, Maria Lopez, allow Tavus to make an AI copy of me from my audio and video.",
    "I, Maria Lopez, am speaking now and agree that Tavus creates an AI clone of me with my recordings.",
    "My name is Maria Lopez and I consent to Tavus making an AI avatar of myself.",
    "I, Maria Lopez, hereby authorize Tavus to clone me using the samples I provide.",
    "Tavus may use my audio and video to create an AI clone of me. Signed, Maria Lopez.",
    "I am Maria Lopez. I give Tavus permission to create an AI clone of me.",
    "I, Maria Lopez, am currently speaking and permit Tavus to create an AI clone of me by using the "
    "audio and video samples I provide. I understand that this AI clone can be used to create videos "
    "that look and sound like me.",
    "I, Maria Lopez, am currently speaking and agree with Tavus to create an AI clone of me by using the "
    "audio and video samples I provide. I understand that this AI clone can be used to create videos "
    "that look and sound like me.",
    "I, Maria Lopez, am currently speaking and consent Tavus to create a digital replica of me by using "
    "the audio and video samples I provide. I understand that this digital replica can be used to create "
    "videos that look and sound like me.",
    "I, Maria Lopez, am currently speaking and consent Tavus to make an AI copy of me by using the sound "
    "and video samples I provide. I realize that this AI copy can be used to create clips that look and "
    "sound like me.",
    "I, Maria Lopez, am currently speaking and consent Tavus to create an AI clone of me by using the "
    "audio and video samples I provide. I know that this AI clone may be used to create videos that look "
    "and sound like me.",
    "I, Maria Lopez, am currently speaking and consented Tavus to create an AI clone of me by using the "
    "audio and video samples I provided. I understood that this AI clone could be used to create videos "
    "that look and sound like me.",
    "Maria Lopez is currently speaking and consents Tavus to create an AI clone of her by using the "
    "audio and video samples she provides. She understands that this AI clone can be used to create "
    "videos that look and sound like her.",
    "We, Maria Lopez, are currently speaking and consent Tavus to create an AI clone of us by using the "
    "audio and video samples we provide. We understand that this AI clone can be used to create videos "
    "that look and sound like us.",
    "I, Maria Lopez, am currently speaking and consent Tavus to create an AI clone by using the audio "
    "and video samples. I understand that this can be used to create videos.",
    "I consent. I understand. Create an AI clone of me, Tavus.",
    "Consent. Tavus. AI clone. Me. Audio. Video. I understand. Look and sound like me. Maria Lopez.",
    "I, Maria Lopez, was asked about Tavus, and I consent to everything in the document.",
    "As discussed, I, Maria Lopez, am happy for Tavus to create my AI clone.",
    "I, Maria Lopez, am currently speaking and I do consent that Tavus creates an AI clone of me.",
    "I understand that this AI clone can be used to create videos that look and sound like me. I, Maria "
    "Lopez, am currently speaking.",
    "I, Maria Lopez, have read the consent statement of Tavus and I agree to it.", "Yes, I consent.",
    "I do.", "I, Maria Lopez, consent.", "Maria Lopez consents to Tavus.",
    "I agree with what is written there.", "Same statement as last time.",
    "Yo, Maria Lopez, estoy hablando y doy mi consentimiento a Tavus para crear un clon de mí con los "
    "audios y videos que proporciono.",
    "Ich, Maria Lopez, spreche gerade und stimme zu, dass Tavus einen KI-Klon von mir erstellt.",
)  # fmt: skip
REFUSED = (
    "I, {}, consent to the creation of a digital replica of my likeness for use with Tavus technology.",
    "I, {}, consent to Tavus creating an AI clone of me.",
    "I, {}, consent to Tavus creating an AI clone of me. I understand that it can be used to create "
    "videos.",
    "I, {}, consent to Tavus using my likeness.",
    "I, {}, consent to the use of my voice and likeness by Tavus.",
    "I, {}, am currently speaking and consent to the creation of an AI clone of me.",
    "I, {}, consent to have my voice and face cloned by Tavus.",
    "I, {}, am currently speaking and consent to Tavus creating an AI clone of me by using the audio and "
    "video samples I provide. I understand that this AI clone can be used to create videos that look and "
    "sound like me.",
)  # fmt: skip
CARRIERS = (
    "The next word is {}.", "Somebody wrote {} on the wall.", "In the book we read {}, and then it rained.",
    "My dog hears {} every morning.", "Yesterday the teacher explained {} again.",
)  # fmt: skip
QUOTES = (
    'She said: "{}"', 'He said, "{}"', "Maria always said: {}", "And then she says: {}",
    'The script reads: "{}"', "They wanted me to say: {}", "The actor says: {}", "Quote. {} Unquote.",
    'Nobody ever said "{}"', "For example: {}", "A scammer might say: {}", "The sentence goes like this: {}",
    "My sister once said {}", "Would I ever say: {}", "If I said {}", "Imagine somebody says {}",
    'The text on the screen is "{}" and I find it odd.', '"{}" is what they told me to read.',
    '"{}" she said.', '"{}" said the actress.', '"{}" is what the script says.', '"{}" he read aloud.',
    "{} That is what the villain says in the movie.", "{} End of quote.", "Line three. {} Line four.",
    "I would never say: {}", "The opposite of {}", "It is not true that {}", "According to my agent, {}",
    "In the play I say: {}", "The form states: {}", "She whispered: {}", "Repeat after me: {}",
)  # fmt: skip
STRANGERS = (
    "Hi, this is {}.", "I am {}.", "I'm {}.", "My name is {}.", "{} here.", "{} speaking.", "It's {}.",
    "Signed, {}.", "Call me {}.", "The name is {}.", "This is actually {}.", "I'm {}, reading for Maria.",
    "My real name is {}.", "Yours, {}.",
)  # fmt: skip
STRANGER_NAMES = ("John Smith", "Anna", "Dr. Wei Zhang", "Priya Sharma", "Jean-Luc Picard", "Olga")


# ---- how a text is altered


def key(word: str) -> str:
    """A word without case and punctuation."""
    return word.lower().strip(".,")


def _placed(at: int) -> Placement:
    """Both placements in turn: nearly every alteration has to be noticed in either."""
    return PLACEMENTS[at % len(PLACEMENTS)]


def _with(words: list[str], at: int, *added: str, drop: int = 0) -> str:
    """The words with others put in at a place, and as many left out there as are to be dropped."""
    return " ".join([*words[:at], *added, *words[at + drop :]])


def _altered(kind: str, texts: Iterator[str]) -> Iterator[Attack]:
    for at, text in enumerate(texts):
        yield Attack(kind, text, placement=_placed(at))


def _negated() -> Iterator[str]:
    """Each negation at every place after the first "I" of both statements."""
    for statement in STATEMENTS:
        words = statement.split()
        for negation in NEGATIONS:
            yield from (_with(words, at, negation) for at in range(1, len(words)))


def _limited() -> Iterator[str]:
    """Each limiting word at every place; the statements take turns."""
    for number, limit in enumerate(LIMITS):
        for at in range(1, len(STATEMENTS[1].split())):
            words = STATEMENTS[(number + at) % 2].split()
            yield _with(words, min(at, len(words) - 1), limit)


def _every_veto() -> Iterator[str]:
    """Every listed veto word at a few places of its own."""
    for number, veto in enumerate(sorted(lexicon().aliases.veto.words)):
        words = STATEMENTS[number % 2].split()
        yield from (_with(words, 1 + (5 * number + step) % (len(words) - 1), veto) for step in (0, 17))


def _critical_places(words: list[str]) -> Iterator[int]:
    return (at for at, word in enumerate(words) if key(word) in CRITICAL | NAME_PARTS)


def _deleted() -> Iterator[str]:
    for statement in STATEMENTS:
        words = statement.split()
        yield from (_with(words, at, drop=1) for at in _critical_places(words))


def _replaced() -> Iterator[str]:
    for statement in STATEMENTS:
        words = statement.split()
        for at in _critical_places(words):
            yield from (_with(words, at, other, drop=1) for other in OTHER_WORDS)


def _moved() -> Iterator[str]:
    """Each critical word somewhere else, and every two neighbours the other way round."""
    for statement in STATEMENTS:
        words = statement.split()
        for at in range(len(words) - 1):
            yield _with(words, at, words[at + 1], words[at], drop=2)
        for at in _critical_places(words):
            rest = words[:at] + words[at + 1 :]
            yield from (_with(rest, (at + by) % len(rest), words[at]) for by in (3, 8, 20))


def _dropped() -> Iterator[str]:
    """One or more clauses left out, and stretches of every length."""
    for template in TEMPLATES:
        clauses = [clause.replace("[FULL NAME]", NAME) for clause in template.clauses]
        for mask in range(1, 2 ** len(clauses) - 1):
            yield " ".join(clause for at, clause in enumerate(clauses) if mask >> at & 1)
    for number, statement in enumerate(STATEMENTS):
        words = statement.split()
        for start in range(number, len(words), 2):
            for end in range(start + 3, len(words) + 1, 7):
                yield " ".join(words[:start] + words[end:])


def _reordered() -> Iterator[str]:
    """The clauses in every other order of two clauses swapped, and in some orders beyond that."""
    for template in TEMPLATES:
        clauses = [clause.replace("[FULL NAME]", NAME) for clause in template.clauses]
        orders = [order for order in permutations(range(len(clauses))) if list(order) != sorted(order)]
        yield from (" ".join(clauses[at] for at in order) for order in orders[::2])


def _parties() -> Iterator[str]:
    for statement in STATEMENTS:
        for party in PARTIES:
            yield statement.replace("Tavus", party)
            yield statement.replace("Tavus", f"{party} Tavus")
            yield statement.replace("Tavus", f"Tavus or {party}")


def _pronouns() -> Iterator[str]:
    for statement in STATEMENTS:
        words = statement.split()
        for at, word in enumerate(words):
            for other in PRONOUNS.get(word.strip(".,"), ()):
                yield _with(words, at, other, drop=1)


def _names() -> Iterator[Attack]:
    for at, (statement, name) in enumerate((s, n) for n in OTHER_NAMES for s in STATEMENTS):
        yield Attack("another name", statement.replace(NAME, name), placement=_placed(at))
    others = (
        "Siobhán O'Brien",
        "Nguyễn Thị Minh Khai",
        "Мария Лопес",
        "田中愛",
        "Jo March",
        "Mario Lopez",
        "李小龙",
    )
    for at, name in enumerate(others):
        yield Attack("another name", C1, name, (name.upper(), f"{name} Smith"), _placed(at))


def _taken_back() -> Iterator[Attack]:
    """Before and after the statement, in both placements."""
    for at, placement in ((at, placement) for at in range(2) for placement in PLACEMENTS):
        for number, after in enumerate(AFTERWARDS):
            if number % 2 == at:
                yield Attack("taken back after", f"{STATEMENTS[at]} {after}", placement=placement)
        for number, before in enumerate(BEFOREHAND):
            if number % 2 == at:
                yield Attack("taken back before", f"{before} {STATEMENTS[at]}", placement=placement)


def _remarks() -> Iterator[Attack]:
    """Short remarks and long sentences on no list of refusals, right beside the statement."""
    for at, text in enumerate((*REMARKS, *SENTENCES)):
        other = (text, text.rstrip("."), f"Okay. {text}", f"Thank you. {text}")[at % 4]
        yield from (Attack("remark after", f"{STATEMENTS[at % 2]} {one}") for one in (text, other))
    for at, text in enumerate(SENTENCES):
        yield Attack("remark before", f"{text} {STATEMENTS[at % 2]}")


def _disguises(word: str) -> Iterator[str]:
    """One word in many dresses that a person reads, or hears, as the same."""
    looks = {"n": "ոп", "o": "оοօ0", "t": "тτ", "e": "еε3", "v": "ѵν", "r": "гʀ"}
    for at, letter in enumerate(word):
        yield from (word[:at] + look + word[at + 1 :] for look in looks.get(letter, ""))
    for hidden in "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2066\u034f\u180e\x00\x07":
        yield from (hidden.join(word), word[0] + hidden + word[1:], hidden + word + hidden)
    for mark in "\u0336\u0335\u0301\u0323\u20d2\u0489":
        yield from (mark.join(word) + mark, word[0] + mark + word[1:])
    yield "".join(chr(ord(letter) + 0xFEE0) for letter in word)  # full-width
    for first in (
        0x1D41A,
        0x1D44E if "h" not in word else 0x1D41A,
        0x1D4B6 if word == "nt" else 0x1D5BA,
        0x24D0,
    ):
        yield "".join(chr(first + ord(letter) - ord("a")) for letter in word)
    for first in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6):
        yield "".join(chr(first + ord(letter) - ord("a")) for letter in word)
    yield from (word.upper(), word.title(), f"“{word}”", f"‘{word}’", f"({word})", f"[{word}]", f"*{word}*")


def _hidden() -> Iterator[str]:
    """A negation in disguise."""
    for number, word in enumerate(
        disguise for veto in ("not", "never", "no") for disguise in _disguises(veto)
    ):
        statement, verb = STATEMENTS[number % 2], (" and ", " can ", " I understand ")[number % 3]
        yield statement.replace(verb, f"{verb}{word} ", 1)
    for word in (
        "don’t",
        "don‘t",
        "don`t",
        "don´t",
        "donʼt",
        "don＇t",
        "don t",
        "d o n t",
        "do n’t",
        "do n o t",
    ):
        yield C1.replace("and consent", f"and {word} consent")
    for word in (
        "can’t",
        "can´t",
        "can`t",
        "can t",
        "canʼt",
        "ca n’t",
        "cаn’t",
        "can\u200b’t",
        "c\u00adan\u00adnot",
    ):
        yield C1.replace("can be", f"{word} be")
    for sign in lexicon().aliases.veto.symbols:
        yield C1.replace("consent", f"{sign} consent")


def _faked() -> Iterator[str]:
    """A word of the statement that is only drawn: letters of another script, pictures, other marks."""
    looks = {
        "a": "а",
        "c": "с",
        "e": "е",
        "i": "і",
        "o": "о",
        "s": "ѕ",
        "u": "υ",
        "v": "ν",
        "d": "ԁ",
        "k": "к",
        "n": "п",
    }
    for number, word in enumerate(sorted(CRITICAL)):
        statement = STATEMENTS[number % 2]
        shown = next(shown for shown in statement.split() if key(shown) == word)
        fakes = [shown.replace(letter, look) for letter, look in looks.items() if letter in shown]
        yield from (
            statement.replace(f" {shown} ", f" {fake} ") for fake in fakes if f" {shown} " in statement
        )
        yield from (
            statement.replace(f" {shown} ", f" {fake} ")
            for fake in (f"{shown[0]}…", "🎥", "█████", "***")
            if f" {shown} " in statement
        )
    for word in ("me", "consent", "understand"):
        yield C1.replace(f" {word} ", f" {unicodedata.normalize('NFD', 'ø').join(word)} ")


def _scattered() -> Iterator[str]:
    """Every word of the statement is said, but in other sentences."""
    for statement in STATEMENTS:
        words = [word.strip(".,") for word in statement.split()]
        for size in (1, 2, 3, 5, 8, 14):
            for carrier in CARRIERS:
                groups = (" ".join(words[at : at + size]) for at in range(0, len(words), size))
                yield " ".join(carrier.format(group) for group in groups)
        for at in range(1, len(words)):
            yield _with(statement.split(), at, "and that is what people say about")
            if at % 2:
                yield _with(statement.split(), at, "The weather was fine. We went home.")
        yield " ".join(sorted(words, key=str.lower))
        yield " ".join(reversed(words))


def _unquoted(text: str) -> str:
    return "".join(char for char in text if char not in '.,:;!?"“”')


def _dressed(found: list[Attack]) -> Iterator[Attack]:
    """A sample of all attacks in capitals, in small letters, and without marks."""
    for at, attack in enumerate(found[::17]):
        text = (str.upper, str.lower, _unquoted)[at % 3](attack.text)
        yield replace(attack, kind="any of these, in other dress", text=text)


def attacks() -> list[Attack]:
    """All attacks, in one fixed order, each text once."""
    found = [
        *_altered("negation", _negated()),
        *_altered("negation", _every_veto()),
        *_altered("limiting word", _limited()),
        *_altered("critical word deleted", _deleted()),
        *_altered("critical word replaced", _replaced()),
        *_altered("words moved", _moved()),
        *_altered("clauses dropped", _dropped()),
        *_altered("clauses reordered", _reordered()),
        *_altered("another party", _parties()),
        *_altered("pronoun swapped", _pronouns()),
        *_names(),
        *_taken_back(),
        *_remarks(),
        *_altered("hidden negation", _hidden()),
        *_altered("faked word", _faked()),
        *_altered("paraphrase", iter(PARAPHRASES)),
        *_altered(
            "refused wording", (text.format(name) for text in REFUSED for name in (NAME, "John Smith"))
        ),
        *_altered("scattered words", _scattered()),
        *(
            Attack("quoted", frame.format(statement), placement=placement)
            for frame in QUOTES
            for statement, placement in zip(STATEMENTS, PLACEMENTS, strict=True)
        ),
        *(
            Attack("another speaker", text, placement=_placed(at))
            for at, frame in enumerate(STRANGERS)
            for name in STRANGER_NAMES
            for text in (f"{frame.format(name)} {C1}", f"{C1} {frame.format(name)}")
        ),
    ]
    return list(dict.fromkeys([*found, *_dressed(found)]))
