"""Mending a video: ffmpeg writes it, and what it wrote is as long as before, in picture and sound."""

from __future__ import annotations

from pathlib import Path

from preflight.engine import faults
from preflight.errors import ToolError, Unavailable
from preflight.evidence.boxes import BoxFacts
from preflight.evidence.file import FileFacts
from preflight.evidence.media import DecodeFacts, MediaFacts, PacketFacts
from preflight.fix.subject import Subject
from preflight.mend import video
from preflight.mend.video import VideoMending
from preflight.report import Finding

__all__ = ["Video"]

_TOLERANCE_S = 0.1  # less than the eye takes for a cut, more than a frame or a packet of sound lasts
_SLACK = 64 << 20
_GROWTH = 8  # times the original: H.264 beside HEVC or AV1 of the same look


class Video(Subject[VideoMending]):
    kinds = (FileFacts, MediaFacts, BoxFacts, PacketFacts, DecodeFacts)
    extensions = (video.EXTENSION,)

    def plan(self, findings: list[Finding], extension: str) -> VideoMending | None:
        media, packets = self.evidence.gathered(MediaFacts), self.evidence.gathered(PacketFacts)
        if media is None:
            return None
        return video.plan(faults(self.evidence, findings), media, packets, self.policy)

    def mend(self, plan: VideoMending, target: Path) -> list[Finding]:
        self._rewrite(target, plan)
        result = Video(target, target, self.role, self.policy, self.ffmpeg)
        after = result.findings()
        _require_same(self.evidence.get(PacketFacts), result.packets(), plan)
        return after

    def packets(self) -> PacketFacts:
        try:
            return self.evidence.get(PacketFacts)
        except Unavailable as exc:
            raise ToolError(f"what ffmpeg wrote cannot be read: {exc}") from exc

    def _rewrite(self, target: Path, plan: VideoMending) -> None:
        size = self.evidence.get(FileFacts).size_bytes
        duration = self.evidence.get(MediaFacts).duration_s
        self.workshop.ffmpeg.rewrite(
            self.path,
            self.evidence.demuxer,
            target,
            plan.arguments,
            timeout_s=_deadline(duration),
            max_bytes=(_GROWTH if plan.encodes else 2) * size + _SLACK,
        )


def _deadline(duration_s: float | None) -> float:
    """Slow machines encode a minute of 1080p in ten, with tone mapping; nothing may take longer than 30."""
    return 1800.0 if duration_s is None else min(1800.0, 120.0 + 30.0 * duration_s)


def _require_same(before: PacketFacts, after: PacketFacts, plan: VideoMending) -> None:
    """Raise ToolError unless picture and sound are all there and start together as they did."""
    for track, old, new in (("picture", before.video, after.video), ("sound", before.audio, after.audio)):
        if (old is None) != (new is None):
            raise ToolError(f"the {track} was lost; nothing was written")
        if old is None or new is None:
            continue
        was, now = old.end_s - old.start_s, new.end_s - new.start_s
        if abs(was - now) > _TOLERANCE_S:
            raise ToolError(f"the {track} would last {now:.2f} s instead of {was:.2f} s; nothing was written")
    if abs(_lag(before) - _lag(after)) > _TOLERANCE_S:
        raise ToolError("picture and sound would be out of step; nothing was written")
    if plan.same_frames and before.video is not None and after.video is not None:
        lost = before.video.packets - after.video.packets
        if abs(lost) > max(1.0, _TOLERANCE_S * float(before.video.mean_frame_rate or 0)):
            raise ToolError(f"{lost} of {before.video.packets} frames would be lost; nothing was written")


def _lag(packets: PacketFacts) -> float:
    """How much later than the picture the sound starts."""
    if packets.video is None or packets.audio is None:
        return 0.0
    return packets.audio.start_s - packets.video.start_s
