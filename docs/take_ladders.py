"""Ways to spoil a take, and the notches of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ladder import ALWAYS, NEVER_ENOUGH, Ladder

from fixtures.take import make_take
from preflight import Submission
from preflight.submission import Depth, Role

__all__ = ["LADDERS", "TakeLadder"]

FULL, SMALL, TINY = (1920, 1080), (960, 540), (320, 180)
TOO_SMALL = frozenset({"VID005", "VID006"})
NOT_ABOUT_IT = frozenset({"VID001", "VID013"})
"""A take of some seconds is too short whatever is done to it; nor is it about the consent rules."""
SPEECH_DBFS = -16.5
"""RMS level of the voice, as AUD006 measures it."""

Take = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeLadder(Ladder):
    """Notches are arguments of `make_take`, which `take` gives to all of them."""

    size: tuple[int, int] | None = SMALL
    seconds: float | None = 8.0
    ignored: frozenset[str] = NOT_ABOUT_IT | TOO_SMALL
    take: Take = field(default_factory=dict)

    asset: ClassVar[str] = "video"
    role: ClassVar[Role] = Role.TRAINING_VIDEO
    suffix: ClassVar[str] = ".mp4"

    def make(self, path: Path, spoiled: Take) -> None:
        make_take(path, **{"size": self.size, "seconds": self.seconds, **self.take, **spoiled})

    def submission(self, path: Path) -> Submission:
        return Submission(train_video=path)


# ---- ways to spoil a take


def _noisy(picture: str) -> Take:
    """What happens before the sensor, and then the noise of the sensor."""
    return {"noise": 0, "picture": f"{picture},noise=alls=5:allf=t:all_seed=7"}


def _x264(preset: str, crf: int) -> Take:
    return {"encoding": ("-c:v", "libx264", "-preset", preset, "-crf", str(crf), "-g", "30")}


def _blurred(sigma: float) -> Take:
    return _noisy(f",gblur=sigma={sigma}:steps=3" if sigma else "")


def _enlarged(height: int) -> Take:
    return _noisy(f",scale=-2:{height}:flags=area,scale=1920:1080:flags=bicubic" if height < 1080 else "")


def _lit(gain: float, enable: str = "") -> Take:
    return _noisy(f",lutyuv=y='clip(16+(val-16)*{gain:g},16,235)'{enable}")


def _jumping(pixels: int) -> Take:
    """The head is elsewhere from the middle of the take on, so many pixels of 1920."""
    return {"across": f"5*sin(1.3*t)+2*sin(4.1*t)+gte(t,3.9)*{pixels / 1.92:g}"}


_OTHER_SCENE: Take = {
    "picture": "[one];testsrc2=s=960x540:r=30[two];[one][two]overlay=enable='gte(t,3.9)':shortest=1"
}
_FURNITURE = "".join(
    f",drawbox=x={x}:y={y}:w={w}:h={h}:c=0x{colour}:t=fill"
    for x, y, w, h, colour in (
        (40, 60, 150, 210, "5a4632"),
        (60, 80, 110, 170, "b8a98a"),
        (20, 330, 180, 12, "3c3c3c"),
        (780, 20, 20, 520, "d8d4c8"),
        (820, 120, 100, 8, "473a2c"),
        (835, 70, 16, 50, "7a2e2e"),
        (860, 60, 18, 60, "2e4f7a"),
        (886, 82, 14, 38, "4d6b3a"),
        (0, 505, 960, 35, "6e6258"),
    )
)


def _panned(percent: float) -> Take:
    """A camera that turns all the time, by so much of the picture's width in the whole take."""
    pan = f"crop=w=720:h=404:x='120-{7.2 * percent:g}/2+{7.2 * percent:g}*t/8':y=100"
    return _noisy(f"{_FURNITURE},{pan},scale=960:540,setsar=1")


def _leaning(percent: float) -> Take:
    """A sitter who leans aside and comes back, slowly. The camera stands still; key frames are 4 s apart."""
    encoding = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "21", "-g", "120")
    lean = f"between(t,2,10)*{10 * percent:g}*sin((t-2)*PI/8)"
    return {"across": f"5*sin(1.3*t)+2*sin(4.1*t)+{lean}", "encoding": encoding}


def _frozen(seconds: float) -> Take:
    frames = round(30 * seconds)
    return {"picture": f",loop=loop={frames}:size=1:start=45"} if frames else {}


def _black(seconds: float) -> Take:
    return {"picture": f",lutyuv=y=16:u=128:v=128:enable='between(t,2.8,{2.799 + seconds:g})'"}


def _with_noise(snr: float) -> Take:
    """White noise up to 8 kHz, so much quieter than the voice."""
    amplitude = 3**0.5 * 10 ** ((SPEECH_DBFS - snr) / 20)
    return {
        "sound": ",aresample=16000,aformat=channel_layouts=mono:sample_fmts=flt[voice];"
        f"anoisesrc=color=white:amplitude={amplitude:.6f}:seed=7:r=16000[noise];"
        "[voice][noise]amix=inputs=2:duration=first:normalize=0"
    }


def _driven(decibel: float, after: float = 0.0) -> Take:
    """Turned up beyond full scale, and down again afterwards."""
    clipped = f",volume={decibel}dB,aformat=sample_fmts=s16"
    return {"sound": clipped + (f",volume={after}dB" if after else "")}


def _silenced(seconds: float) -> Take:
    return {"sound": f",volume=0:enable='between(t,2.5,{2.5 + seconds:g})'"} if seconds else {}


_CODED: dict[str, Any] = {
    "group": "The file",
    "rules": ("VID026",),
    "moved": {"picture.blockiness_suspected": ALWAYS},
    "unit": "times",
    "warns_at": "picture.blockiness_suspected",
    "fails_at": "picture.blockiness_certain",
    "size": FULL,
    "seconds": 5.0,
}
_EDGES: dict[str, Any] = {
    "group": "Sharpness and light",
    "rules": ("VID025",),
    "moved": {"picture.edge_width_suspected": ALWAYS},
    "unit": "px",
    "warns_at": "picture.edge_width_suspected",
    "fails_at": "picture.edge_width_certain",
    "size": FULL,
    "seconds": 5.0,
}
_CUTS: dict[str, Any] = {
    "group": "Movement and time",
    "rules": ("VID021",),
    "moved": {"picture.likeness_suspected": NEVER_ENOUGH},
    "unit": "correlation",
    "fails_at": "picture.likeness_certain",
    "notches": {
        **{f"{pixels} px": _jumping(pixels) for pixels in (0, 5, 10, 25, 50, 100, 150, 300)},
        "other\nscene": _OTHER_SCENE,
    },
}
_MOVED: dict[str, Any] = {
    "group": "Movement and time",
    "moved": {"picture.max_shift": ALWAYS, "picture.likeness_suspected": ALWAYS},
    "unit": "%",
}
_CLIPPED: dict[str, Any] = {
    "group": "Sound",
    "rules": ("AUD008",),
    "moved": {"audio.clipped_suspected": ALWAYS},
    "unit": "%",
    "size": TINY,
}

LADDERS: tuple[TakeLadder, ...] = (
    TakeLadder(
        name="frame-rate",
        title="Frame rate",
        about="frames a second, evenly",
        group="The file",
        rules=("VID004", "VID003"),
        notches={f"{rate} fps": {"rate": rate} for rate in (30, 25, 24, 23, 22, 20, 15)},
        moved={"video.min_frame_rate": NEVER_ENOUGH},
        unit="fps",
        warns_at="video.documented_frame_rate",
        fails_at="video.min_frame_rate",
    ),
    TakeLadder(
        name="high-frame-rate",
        title="High frame rate",
        about="frames a second, evenly",
        group="The file",
        rules=("VID017",),
        notches={f"{rate} fps": {"rate": rate} for rate in (30, 48, 50, 60)},
        moved={"video.high_frame_rate": ALWAYS},
        unit="fps",
        warns_at="video.high_frame_rate",
    ),
    TakeLadder(
        name="size",
        title="Size",
        about="shorter side of the picture",
        group="The file",
        rules=("VID006", "VID005"),
        notches={
            f"{height}p": {"size": (height * 16 // 9 & ~1, height)}
            for height in (1080, 900, 720, 700, 480, 360)
        },
        moved={"video.min_short_side": NEVER_ENOUGH},
        unit="px",
        warns_at="video.documented_short_side",
        fails_at="video.min_short_side",
        ignored=NOT_ABOUT_IT,
        size=None,
        seconds=5.0,
    ),
    TakeLadder(
        name="compression",
        title="Compression",
        about="x264 veryfast, 1080p",
        notches={f"crf {crf}": _x264("veryfast", crf) for crf in (18, 23, 28, 33, 38, 42, 45, 48, 51)},
        note="Encoders smooth the borders of blocks (deblocking); what is left is soft rather than blocky. "
        "The rule does not see this, and so misses the compression of most cameras and programs.",
        blind=True,
        **{**_CODED, "warns_at": None, "fails_at": None},
    ),
    TakeLadder(
        name="compression-without-deblocking",
        title="Without deblocking",
        about="x264 ultrafast, 1080p",
        notches={f"crf {crf}": _x264("ultrafast", crf) for crf in (18, 23, 28, 33, 38, 42, 45, 48, 51)},
        **_CODED,
    ),
    TakeLadder(
        name="blur",
        title="Blur",
        about="Gaussian, sigma, 1080p",
        notches={f"{sigma:g} px": _blurred(sigma) for sigma in (0, 0.5, 1, 1.5, 2, 3, 4, 6, 8)},
        **_EDGES,
    ),
    TakeLadder(
        name="enlarged",
        title="Enlarged to 1080p",
        about="from a shorter side of",
        notches={f"{height} px": _enlarged(height) for height in (1080, 720, 540, 360, 270, 180)},
        note="Enlarging is only noticed where it was by a lot: the edges of a picture that is enlarged three "
        "times are no softer than those of many lenses.",
        **_EDGES,
    ),
    TakeLadder(
        name="noise",
        title="Noise of the sensor",
        about="ffmpeg's noise=alls, 1080p",
        notches={f"{strength}": {"noise": strength} for strength in (0, 5, 10, 20, 30, 40, 60)},
        note="No rule is about noise. From a certain strength on it hides how sharp the picture is.",
        measures="VID025",
        **{**_EDGES, "rules": (), "warns_at": None, "fails_at": None},
    ),
    TakeLadder(
        name="under-exposure",
        title="Too little light",
        about="what is left of it",
        group="Sharpness and light",
        rules=("VID018", "VID023"),
        note="With hardly any light left the picture counts as black.",
        notches={f"{100 * gain:g} %": _lit(gain) for gain in (1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.1)},
        moved={"picture.dim_suspected": NEVER_ENOUGH},
        unit="%",
        warns_at="picture.dim_suspected",
        fails_at="picture.dim_certain",
    ),
    TakeLadder(
        name="over-exposure",
        title="Too much light",
        about="as much as should be",
        group="Sharpness and light",
        rules=("VID024",),
        notches={f"{gain:g} x": _lit(gain) for gain in (1, 1.2, 1.4, 1.5, 1.6, 1.7, 2, 3, 5)},
        moved={"picture.blown_suspected": ALWAYS},
        unit="%",
        warns_at="picture.blown_suspected",
        fails_at="picture.blown_certain",
    ),
    TakeLadder(
        name="light-step",
        title="Light goes down",
        about="at once, half-way through",
        group="Sharpness and light",
        rules=("VID022",),
        notches={
            f"{percent} %": _lit(1 - percent / 100, ":enable='gte(t,3.9)'")
            for percent in (0, 5, 10, 15, 20, 25, 30, 40, 60)
        },
        moved={"picture.gain_suspected": ALWAYS},
        unit="ratio",
        warns_at="picture.gain_suspected",
        fails_at="picture.gain_certain",
    ),
    TakeLadder(
        name="cut",
        title="Cut, every frame",
        about="head jumps, of 1920 px; deep",
        warns_at="picture.likeness_jump",
        depth=Depth.DEEP,
        **_CUTS,
    ),
    TakeLadder(
        name="cut-key-frames",
        title="Cut, key frames",
        about="the same, standard depth",
        warns_at="picture.likeness_suspected",
        **{**_CUTS, "fails_at": None},
    ),
    TakeLadder(
        name="pan",
        title="Camera turns",
        about="of the width, in 8 s",
        rules=("VID021", "VID027"),
        notches={f"{percent} %": _panned(percent) for percent in (0, 1, 2, 4, 6, 8, 12, 16, 24)},
        note="Where the picture becomes another one, VID027 leaves the word to VID021.",
        warns_at="picture.max_shift",
        **_MOVED,
    ),
    TakeLadder(
        name="sitter",
        title="Sitter leans aside",
        about="of the width, and back",
        rules=(),
        measures="VID027",
        notches={f"{percent} %": _leaning(percent) for percent in (0, 1, 2, 3, 4, 6, 8, 12, 16)},
        note="People lean aside. From one key frame to the next, 4 s later, that looks like a cut; a closer "
        "look at the frames between them shows that it is none. That the picture moves is said.",
        seconds=12.0,
        **_MOVED,
    ),
    TakeLadder(
        name="freeze",
        title="Frozen",
        about="for so long; deep",
        group="Movement and time",
        rules=("VID019",),
        notches={f"{seconds:g} s": _frozen(seconds) for seconds in (0, 1, 2, 3, 4, 5, 6, 8, 10)},
        moved={"picture.frozen_suspected": ALWAYS},
        unit="s",
        warns_at="picture.frozen_suspected",
        fails_at="picture.frozen_certain",
        nothing=0.0,
        depth=Depth.DEEP,
        seconds=14.0,
    ),
    TakeLadder(
        name="repeated",
        title="Frames repeated",
        about="pictures a second of 30; deep",
        group="Movement and time",
        rules=("VID020",),
        notches={
            f"{rate}": {"picture": f",fps={rate},fps=30"} if rate < 30 else {}
            for rate in (30, 27, 25, 24, 23, 22, 20, 15, 10)
        },
        moved={"video.min_frame_rate": NEVER_ENOUGH},
        unit="a second",
        warns_at="video.min_frame_rate",
        depth=Depth.DEEP,
        note="Encoders change a repeated picture a little, so a frame counts as repeated where far less "
        "changes than in its neighbours. Strong compression hides that.",
    ),
    TakeLadder(
        name="black",
        title="Black",
        about="for so long",
        group="Movement and time",
        rules=("VID018",),
        notches={f"{seconds:g} s": _black(seconds) for seconds in (0, 0.3, 0.5, 1, 1.5, 2, 3, 4)},
        moved={},
        unit="s",
        fails_at="picture.max_black",
        nothing=0.0,
    ),
    TakeLadder(
        name="loudness",
        title="Quiet voice",
        about="turned down by",
        group="Sound",
        rules=("AUD003", "AUD006"),
        note="Below a certain level no speech is found at all.",
        notches={f"{db} dB": {"sound": f",volume=-{db}dB"} for db in (0, 10, 20, 25, 30, 35, 40, 50, 60)},
        moved={"audio.min_speech_level": NEVER_ENOUGH},
        unit="dBFS",
        warns_at="audio.min_speech_level",
        size=TINY,
    ),
    TakeLadder(
        name="background-noise",
        title="Background noise",
        about="so much below the voice",
        group="Sound",
        rules=("AUD007",),
        notches={f"{snr} dB": _with_noise(snr) for snr in (40, 30, 25, 20, 15, 10, 5, 0)},
        moved={"audio.min_snr": NEVER_ENOUGH},
        unit="dB",
        warns_at="audio.min_snr",
        size=TINY,
    ),
    TakeLadder(
        name="clipping",
        title="Clipped",
        about="turned up by",
        notches={f"{db} dB": _driven(db) for db in (0, 3, 6, 7.5, 9, 12, 15, 18)},
        warns_at="audio.clipped_suspected",
        fails_at="audio.clipped_certain",
        **_CLIPPED,
    ),
    TakeLadder(
        name="clipping-turned-down",
        title="Clipped, then softer",
        about="the same, 3 dB down after",
        notches={f"{db} dB": _driven(db, -3) for db in (0, 3, 6, 7.5, 9, 12, 15, 18)},
        note="No sample is at full scale any more; the tops that were cut off leave a cliff in the counts.",
        **_CLIPPED,
    ),
    TakeLadder(
        name="dropout",
        title="Sound drops out",
        about="for so long",
        group="Sound",
        rules=("AUD010",),
        notches={f"{seconds:g} s": _silenced(seconds) for seconds in (0, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 2)},
        moved={"audio.min_dropout": 0, "audio.max_dropouts": NEVER_ENOUGH},
        unit="s",
        warns_at="audio.min_dropout",
        nothing=0.0,
        size=TINY,
    ),
)
