from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.download import DownloadFacts
from preflight.evidence.file import Container
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import download
from preflight.submission import Role
from preflight.text import printable

_TYPES = {
    Container.MP4: ("video/mp4", "application/mp4", "video/x-m4v", "audio/mp4"),
    Container.QUICKTIME: ("video/quicktime",),
    Container.WEBM: ("video/webm",),
    Container.MATROSKA: ("video/x-matroska", "video/matroska"),
    Container.JPEG: ("image/jpeg", "image/jpg", "image/pjpeg"),
    Container.PNG: ("image/png", "image/x-png"),
}
"""The names that each format goes by, registered or not. Of other formats MED001 and IMG001 speak."""


@rule(
    "URL011",
    severity=Severity.WARNING,
    roles=set(Role),
    needs=DownloadFacts,
    remedy="Set the file's content type where it is stored: video/mp4, image/jpeg or image/png.",
    passing={
        "its own": download(content_type="Video/MP4; codecs=avc1"),
        "none": download(content_type=None),
        "one that says nothing": download(content_type="binary/octet-stream"),
        "a page, which URL004 speaks of": download(
            Container.OTHER, kind="an HTML page", content_type="video/mp4"
        ),
    },
    failing={
        "a text": download(content_type="text/plain"),
        "an image that is called a video": download(Container.JPEG, kind="a JPEG image"),
        "an MP4 file that is called a QuickTime movie": download(content_type="video/quicktime"),
    },
)
def content_type_misleading(download: DownloadFacts, policy: Policy) -> Iterator[Violation]:
    """The server calls the file something that it is not.

    Whoever goes by the type refuses it, or takes it for something else. Whether the service does is not
    documented.
    """
    named, limit = download.media_type, policy.link.generic_types
    fitting = _TYPES.get(download.container)
    if named is None or fitting is None or named in (*fitting, *limit.value):
        return
    shown = printable(named, limit=60)
    yield Violation(f"is {download.kind}, and served as {shown}", measured=shown)
