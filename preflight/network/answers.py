"""What an answer that is not the file means, and what to do about it."""

from __future__ import annotations

from preflight.errors import SourceError
from preflight.network.door import Answer
from preflight.network.url import Url
from preflight.text import printable

__all__ = ["require_file"]

_MEANING = {
    206: "a part of the file, which was not asked for",
    401: "the file needs a login; make a link that works without one",
    403: "the file needs a login, or the link has expired; make a new link",
    404: "there is no file at this address; check it, or upload the file again",
    410: "the file is there no longer; upload it again",
    416: "the file is shorter than it was said to be; it may have changed meanwhile, so try again",
    429: "the server was asked too often; try again later",
}


def require_file(answer: Answer, url: Url, *, part: bool = False) -> None:
    """Raise SourceError, with what to do, unless the answer is the file, byte for byte.

    With ``part`` it may be a part of it: whether it is the one that was asked for, Content-Range says.
    """
    status = answer.status
    if status != 200 and not (part and status == 206):
        raise SourceError(
            f"{url}: the server answered {status}: {_MEANING.get(status) or _otherwise(status)}"
        )
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", ""):
        raise SourceError(
            f"{url}: the server packs the file ({printable(encoding, limit=40)}) although it was asked not "
            "to, so that its bytes are not those of the file; store it without Content-Encoding"
        )


def _otherwise(status: int) -> str:
    if status >= 500:
        return "it is in trouble; try again later"
    if status in range(300, 400):
        return "it redirects without saying where to"
    return "that is not a file"
