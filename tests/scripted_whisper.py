"""A scripted recogniser: a Whisper model that says one given text, whatever it hears.

The folder that `build` writes is a complete CTranslate2 Whisper model. The real, unmodified
`faster_whisper.WhisperModel` loads it and runs every step on it (features, language detection,
beam search, timestamp rules, alignment), so a test meets the library as it is, without trained
weights and without a network.

How it works: all attention and feed-forward weights are zero, so the decoder sees nothing but its
own position. The output projection is solved such that position *i* answers token *i* of the
script. One cross-attention head is alive: it looks at audio frame *f(i)* from position *i*, which
is what word times are read from. The audio itself has no influence at all.

Run twice with the same arguments it writes the same bytes.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tokenizers

__all__ = ["NOTICE", "SAMPLE_RATE", "build", "speech_like"]

Floats = npt.NDArray[np.float32]

NOTICE = "Scripted recogniser for tests: it says the same words whatever it hears."
SAMPLE_RATE = 16_000

_SEED = 20_240
_WIDTH = 256  # model width; also the number of positions that can be solved exactly
_HEADS = 4
_HEAD_WIDTH = _WIDTH // _HEADS
_LAYERS = 1
_MELS = 80
_DECODER_POSITIONS = 448  # Whisper's own number; faster-whisper decodes up to this length
_MOST_ANSWERS = 224  # CTranslate2 stops a window at half of the decoder positions
_WINDOW_SECONDS = 30
_FRAMES = 1500  # encoder frames in one window
_FRAMES_PER_SECOND = _FRAMES // _WINDOW_SECONDS
_CERTAIN = 20.0  # logit of the scripted token; the others are at 0, so its log-probability is -0.00
_SHARPNESS = 6.0  # scale of the alignment queries; larger is a narrower attention peak

_END_OF_TEXT = "<|endoftext|>"
_START = "<|startoftranscript|>"
_NO_SPEECH = "<|nospeech|>"
_NO_TIMESTAMPS = "<|notimestamps|>"
_STAMPS = tuple(f"<|{step * 0.02:.2f}|>" for step in range(_FRAMES + 1))
_LANGUAGE_CODES = """
    af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu
    hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt
    ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo zh yue
"""
_LANGUAGES = tuple(_LANGUAGE_CODES.split())
_SPECIALS = (
    _END_OF_TEXT,
    _START,
    *(f"<|{code}|>" for code in _LANGUAGES),
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    _NO_SPEECH,
    _NO_TIMESTAMPS,
    *_STAMPS,  # last, as Whisper has them: the first stamp is the id after <|notimestamps|>
)


def build(
    folder: Path,
    text: str,
    *,
    language: str = "en",
    seconds_per_token: float = 0.2,
    no_speech_probability: float | None = None,
    multilingual: bool = True,
) -> Path:
    """Write a model folder that says `text` in every 30 s window, and return the folder.

    A token is one whitespace-separated word with its punctuation, so the recogniser reports exactly
    `text.split()`, each word with one leading space, and word *i* starts at `i * seconds_per_token`,
    give or take 0.02 s (a tenth of the pace where that is more). Runs of whitespace count as one
    space. An empty text is a recogniser that hears nothing.

    `language` is what language detection answers, with probability 1. `no_speech_probability` is
    what every segment reports as `no_speech_prob` (None: 0). `multilingual=False` gives an
    English-only model, for which faster-whisper skips detection and reports "en" with probability 1.

    Words beyond the end of the audio pile up there with no duration: the aligner has no frames for
    them. A ValueError says which request cannot be honoured.
    """
    words = text.split()
    _refuse_impossible(words, language, seconds_per_token, no_speech_probability, multilingual)
    lexicon = _Lexicon.of(words, multilingual=multilingual)
    _refuse_unsayable(words, lexicon)
    script = _Script.of(words, lexicon, seconds_per_token=seconds_per_token, multilingual=multilingual)
    start_logits = _start_logits(
        lexicon,
        language=language,
        no_speech_probability=no_speech_probability,
        multilingual=multilingual,
    )

    folder.mkdir(parents=True, exist_ok=True)
    lexicon.tokenizer.save(str(folder / "tokenizer.json"))
    _save_model(folder, lexicon, script, start_logits)
    (folder / "preprocessor_config.json").write_text(json.dumps(_PREPROCESSOR, indent=2) + "\n", "utf-8")
    (folder / "NOTICE").write_text(NOTICE + "\n", "utf-8")
    return folder


_PREPROCESSOR = {
    "chunk_length": _WINDOW_SECONDS,
    "feature_size": _MELS,
    "hop_length": 160,
    "n_fft": 400,
    "sampling_rate": SAMPLE_RATE,
}


def _refuse_impossible(
    words: list[str],
    language: str,
    seconds_per_token: float,
    no_speech_probability: float | None,
    multilingual: bool,
) -> None:
    """Raise ValueError for a request that no such model could answer truthfully."""
    if language not in _LANGUAGES:
        raise ValueError(f"Whisper has no language {language!r}")
    if not multilingual and language != "en":
        raise ValueError(f"an English-only model cannot report {language!r}")
    if seconds_per_token <= 0 or len(words) * seconds_per_token > _WINDOW_SECONDS + 1e-6:
        raise ValueError(
            f"{len(words)} words at {seconds_per_token:g} s do not fit one window of {_WINDOW_SECONDS} s"
        )
    if no_speech_probability is not None and not 0 < no_speech_probability < 1:
        raise ValueError("no_speech_probability lies strictly between 0 and 1; None stands for 0")


# --- words and ids ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """Every token in id order, and the tokenizer that agrees with it."""

    tokens: list[str]
    ids: dict[str, int]
    tokenizer: tokenizers.Tokenizer

    @classmethod
    def of(cls, words: list[str], *, multilingual: bool) -> _Lexicon:
        """A byte-level BPE in which each word of the text is one token.

        CTranslate2 calls a model multilingual if and only if its vocabulary holds the empty token.
        """
        alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
        merges = _merges(words)
        empty = [""] if multilingual else []
        tokens = [*alphabet, *(left + right for left, right in merges), *empty, *_SPECIALS]
        ids = {token: index for index, token in enumerate(tokens)}
        return cls(tokens, ids, _tokenizer(ids, merges))

    def encode(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)


def _merges(words: list[str]) -> list[tuple[str, str]]:
    """Chains that grow each word from its leading space, one byte at a time.

    Every left part starts with the space byte, which occurs only at the start of a word, so the
    chains of two words cannot disturb each other. " -" and " '" need chains of their own:
    faster-whisper always suppresses the first token of both, and without a chain that token is
    the bare space.
    """
    byte_level = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    merges: dict[tuple[str, str], None] = {}
    for word in ("-", "'", *words):
        ((symbols, _),) = byte_level.pre_tokenize_str(" " + word)
        merges.update({(symbols[:end], symbols[end]): None for end in range(1, len(symbols))})
    return list(merges)


def _tokenizer(ids: dict[str, int], merges: list[tuple[str, str]]) -> tokenizers.Tokenizer:
    plain = {token: index for token, index in ids.items() if index < ids[_END_OF_TEXT]}
    specials = [tokenizers.AddedToken(token, special=True, normalized=False) for token in _SPECIALS]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=plain, merges=merges))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Sequence(
        [
            tokenizers.pre_tokenizers.Split(tokenizers.Regex(r" ?\S+"), behavior="isolated"),
            tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.add_special_tokens(specials)
    return tokenizer


def _refuse_unsayable(words: list[str], lexicon: _Lexicon) -> None:
    """Raise ValueError for words that could not come back as they are.

    Lone symbols such as "-" or "(" are tokens that faster-whisper suppresses by default, whatever the
    model; and a word that holds a special token is not text.
    """
    from faster_whisper.tokenizer import Tokenizer

    suppressed = set(Tokenizer(lexicon.tokenizer, multilingual=False).non_speech_tokens)
    sayable = set(range(lexicon.ids[_END_OF_TEXT])) - suppressed
    lost = [word for word in words if len(ids := lexicon.encode(" " + word)) != 1 or ids[0] not in sayable]
    if lost:
        raise ValueError(f"faster-whisper lets no model say {lost} as words")


# --- what is said, and when ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Script:
    """Which token each decoder position answers, and which audio frame it looks at."""

    first: int
    """Position of the first answer, which is the number of prompt tokens less one."""
    said: list[int]
    frames: Floats

    @classmethod
    def of(
        cls, words: list[str], lexicon: _Lexicon, *, seconds_per_token: float, multilingual: bool
    ) -> _Script:
        spoken = lexicon.encode("".join(" " + word for word in words))
        end = lexicon.ids[_STAMPS[round(len(words) * seconds_per_token / 0.02)]]
        said = [lexicon.ids[_STAMPS[0]], *spoken, *([end] if spoken else []), lexicon.ids[_END_OF_TEXT]]
        # The prompt is <start> <language> <task>, or <start> alone in an English-only model.
        first = 2 if multilingual else 0
        if len(said) > _MOST_ANSWERS:
            raise ValueError(f"{len(words)} words are too many for one window: at most {_MOST_ANSWERS - 3}")
        return cls(first, said, _ramp(first + 1, len(spoken), seconds_per_token))


def _ramp(start: int, count: int, seconds_per_token: float) -> Floats:
    """The frame looked at from each position: the middle of the word that is said there.

    The aligner's prompt is one token longer than the decoder's (<|notimestamps|>), and the decoder
    says one token before the text (<|0.00|>), so in both the first word is said at `start`. One
    position more is needed: the end of the last word is where <|endoftext|> begins.
    """
    step = seconds_per_token * _FRAMES_PER_SECOND
    middles = (np.arange(start + count + 1) - start + 0.5) * step
    return np.asarray(np.clip(middles, 0, _FRAMES - 1), dtype=np.float32)


def _start_logits(
    lexicon: _Lexicon, *, language: str, no_speech_probability: float | None, multilingual: bool
) -> dict[int, float]:
    """Logits after <|startoftranscript|>: language and speech probability are both read there.

    One certain token must compete with <|nospeech|> for the probability to come out as asked. In an
    English-only model that is the first answer, which is given at the same position.
    """
    logits = {lexicon.ids[f"<|{language}|>"]: _CERTAIN} if multilingual else {}
    if no_speech_probability is not None:
        odds = no_speech_probability / (1 - no_speech_probability)
        logits[lexicon.ids[_NO_SPEECH]] = _CERTAIN + math.log(odds)
    return logits


# --- weights ---------------------------------------------------------------------------------------


def _save_model(folder: Path, lexicon: _Lexicon, script: _Script, start_logits: dict[int, float]) -> None:
    """Write model.bin, config.json and vocabulary.json."""
    from ctranslate2.specs import whisper_spec

    positions = np.random.default_rng(_SEED).standard_normal((_DECODER_POSITIONS, _WIDTH)).astype(np.float32)
    seen = _normalised(positions)
    spec = whisper_spec.WhisperSpec(_LAYERS, _HEADS, _LAYERS, _HEADS)
    _fill_encoder(spec.encoder)
    _fill_decoder(spec.decoder, positions, vocabulary_size=len(lexicon.tokens))
    spec.decoder.projection.weight = _projection(seen, script, start_logits, len(lexicon.tokens))
    _wake_alignment_head(spec.decoder.layer[-1].attention, seen, script.frames)

    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [lexicon.ids[_END_OF_TEXT]]
    spec.config.alignment_heads = [[_LAYERS - 1, 0]]
    spec.config.lang_ids = [lexicon.ids[f"<|{code}|>"] for code in _LANGUAGES]
    spec.register_vocabulary(lexicon.tokens)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))


def _normalised(positions: Floats) -> Floats:
    """What a layer norm makes of the positions, and so all that the layers behind it see."""
    centred = positions - positions.mean(axis=1, keepdims=True)
    return np.asarray(centred / positions.std(axis=1, keepdims=True), dtype=np.float32)


def _projection(
    seen: Floats, script: _Script, start_logits: dict[int, float], vocabulary_size: int
) -> Floats:
    """The output weights that make each position answer its token; exact up to `_WIDTH` positions.

    <|endoftext|> is pushed down everywhere but at the end: among equally unlikely tokens a beam search
    would pick it now and then, and after five such early ends it returns one of them.
    """
    logits = np.zeros((script.first + len(script.said), vocabulary_size), np.float32)
    logits[:, script.said[-1]] = -_CERTAIN
    logits[0, list(start_logits)] = list(start_logits.values())
    logits[script.first + np.arange(len(script.said)), script.said] = _CERTAIN
    return _solved(seen, logits)


def _wake_alignment_head(attention: Any, seen: Floats, frames: Floats) -> None:
    """Let the first head look at `frames`: queries ask for a frame, keys are the frames.

    Its values stay zero, so what it looks at never reaches the answer. A model without a live head
    gives no segments at all when word times are asked for.
    """
    attention.linear[0].weight[:_HEAD_WIDTH] = _solved(seen, _SHARPNESS * _fourier(frames))
    frame_deviation = _frame_table().std(axis=1).mean()  # the same in every row; the layer norm divides by it
    attention.linear[1].weight[:_HEAD_WIDTH, :_HEAD_WIDTH] = np.eye(_HEAD_WIDTH) * frame_deviation


def _solved(seen: Floats, wanted: Floats) -> Floats:
    """The smallest weights W with `seen[i] @ W.T == wanted[i]` for each row of `wanted`.

    The rows are independent, so this is the pseudo-inverse without its singular value decomposition,
    which is slow where several processes share the cores.
    """
    rows = seen[: len(wanted)].astype(np.float64)
    weights: Floats = np.ascontiguousarray(np.linalg.solve(rows @ rows.T, wanted).T @ rows, np.float32)
    return weights


def _fourier(frames: Floats) -> Floats:
    """Features of a time whose dot product peaks where two times are equal."""
    periods = np.geomspace(2 * np.pi / (2 * _FRAMES), np.pi / 4, _HEAD_WIDTH // 2)
    angles = np.outer(frames, periods)
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def _frame_table() -> Floats:
    """Encoder positions: the features and their negatives, so that a layer norm only scales them."""
    features = _fourier(np.arange(_FRAMES, dtype=np.float32))
    table = np.zeros((_FRAMES, _WIDTH), np.float32)
    table[:, :_HEAD_WIDTH], table[:, _HEAD_WIDTH : 2 * _HEAD_WIDTH] = features, -features
    return table


def _fill_encoder(encoder: Any) -> None:
    _fill_zero(encoder.conv1, _WIDTH, _MELS, 3)
    _fill_zero(encoder.conv2, _WIDTH, _WIDTH, 3)
    encoder.position_encodings.encodings = _frame_table()
    _fill_norm(encoder.layer_norm)
    for layer in encoder.layer:
        _fill_self_attention(layer.self_attention)
        _fill_feed_forward(layer.ffn)


def _fill_decoder(decoder: Any, positions: Floats, *, vocabulary_size: int) -> None:
    decoder.embeddings.weight = np.zeros((vocabulary_size, _WIDTH), np.float32)
    decoder.position_encodings.encodings = positions
    _fill_norm(decoder.layer_norm)
    for layer in decoder.layer:
        _fill_self_attention(layer.self_attention)
        _fill_norm(layer.attention.layer_norm)
        for linear, rows in zip(layer.attention.linear, (_WIDTH, 2 * _WIDTH, _WIDTH), strict=True):
            _fill_zero(linear, rows, _WIDTH)
        _fill_feed_forward(layer.ffn)


def _fill_self_attention(attention: Any) -> None:
    _fill_norm(attention.layer_norm)
    _fill_zero(attention.linear[0], 3 * _WIDTH, _WIDTH)
    _fill_zero(attention.linear[1], _WIDTH, _WIDTH)


def _fill_feed_forward(ffn: Any) -> None:
    _fill_norm(ffn.layer_norm)
    _fill_zero(ffn.linear_0, _WIDTH, _WIDTH)
    _fill_zero(ffn.linear_1, _WIDTH, _WIDTH)


def _fill_zero(layer: Any, *shape: int) -> None:
    layer.weight = np.zeros(shape, np.float32)
    layer.bias = np.zeros(shape[0], np.float32)


def _fill_norm(norm: Any) -> None:
    norm.gamma = np.ones(_WIDTH, np.float32)
    norm.beta = np.zeros(_WIDTH, np.float32)


# --- something to hear -----------------------------------------------------------------------------


def speech_like(seconds: float, *, seed: int = 0) -> Floats:
    """A babble of vowels that Silero takes for speech from end to end; 16 kHz mono.

    Formant synthesis, five syllables a second: a pulse train at the pitch of a low voice, three
    resonances per vowel, a puff of noise at each onset. No one's voice, and no words.
    """
    rng = np.random.default_rng(seed)
    wanted = round(seconds * SAMPLE_RATE)
    length = SAMPLE_RATE // 5
    babble = [_syllable(rng, index, length) for index in range(-(-wanted // length))]
    sound = np.concatenate([*babble, np.zeros(0)])[:wanted]
    return np.asarray(sound / max(np.abs(sound).max(initial=0), 1e-9) * 0.5, dtype=np.float32)


_VOWELS = (  # first three formants in Hz: a, i, u, e, o, schwa-like
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
    (440, 1020, 2240),
)


def _syllable(rng: np.random.Generator, index: int, length: int) -> npt.NDArray[np.float64]:
    time = np.arange(length) / SAMPLE_RATE
    pitch = (110 + 25 * np.sin(0.9 * index) + rng.uniform(-5, 5)) * np.linspace(1, 0.9, length)
    pulses = np.diff(np.floor(np.cumsum(pitch) / SAMPLE_RATE), prepend=0)
    source = pulses + 0.01 * rng.standard_normal(length)
    formants = _VOWELS[rng.integers(len(_VOWELS))]
    voice = sum(
        (
            gain * _resonance(source, formant, bandwidth)
            for formant, bandwidth, gain in zip(formants, (80, 100, 150), (1.0, 0.6, 0.3), strict=True)
        ),
        start=np.zeros(length),
    )
    fade = np.clip(np.minimum(time / 0.03, (time[-1] - time) / 0.05), 0, 1)
    puff = 0.02 * np.diff(rng.standard_normal(length + 1)) * np.exp(-time / 0.02)
    syllable: npt.NDArray[np.float64] = voice * fade + puff
    return syllable


def _resonance(
    source: npt.NDArray[np.float64], frequency: float, bandwidth: float
) -> npt.NDArray[np.float64]:
    """`source` through a two-pole resonator, by its impulse response of 30 ms."""
    radius = np.exp(-np.pi * bandwidth / SAMPLE_RATE)
    angle = 2 * np.pi * frequency / SAMPLE_RATE
    n = np.arange(SAMPLE_RATE * 30 // 1000)
    response = radius**n * np.sin((n + 1) * angle) / np.sin(angle) * (1 - radius)
    ringing: npt.NDArray[np.float64] = np.convolve(source, response)[: len(source)]
    return ringing
