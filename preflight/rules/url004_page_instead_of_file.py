from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.download import DownloadFacts
from preflight.evidence.file import Container
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import download
from preflight.submission import Role


@rule(
    "URL004",
    severity=Severity.ERROR,
    roles=set(Role),
    needs=DownloadFacts,
    remedy="Open the address in a private window: it has to save the file at once, and ask for nothing.",
    prevents=("download_link",),
    passing={
        "a video": download(),
        "a video that is called a page": download(content_type="text/html"),
        "a text, which MED001 speaks of": download(
            Container.OTHER, kind="plain text", content_type="text/plain"
        ),
    },
    failing={
        "a page": download(Container.OTHER, kind="an HTML page", content_type="video/mp4"),
        "a page by its type": download(
            Container.OTHER, kind="plain text", content_type="text/html; charset=utf-8"
        ),
    },
)
def page_instead_of_file(download: DownloadFacts, policy: Policy) -> Iterator[Violation]:
    """The server sent an HTML page: a login, a page around the file, or one that says that it is gone.

    Servers often send these as if all were well. The service would take the page for the video.
    """
    if download.is_page:
        host = download.hosts[-1]
        yield Violation(f"{host} sent an HTML page in place of the file", measured=download.kind)
