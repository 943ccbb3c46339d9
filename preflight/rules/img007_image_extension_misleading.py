from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.file import Container, FileFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import file
from preflight.submission import Role

_NAMES = {Container.JPEG: (".jpg", ".jpeg"), Container.PNG: (".png",)}


def _jpeg(name: str) -> FileFacts:
    return file(Container.JPEG, kind="a JPEG image", name=name)


def _png(name: str) -> FileFacts:
    return file(Container.PNG, kind="a PNG image", name=name)


@rule(
    "IMG007",
    severity=Severity.WARNING,
    roles={Role.TRAINING_IMAGE},
    needs=FileFacts,
    remedy="Name the file with the extension of what it is: .jpg or .png.",
    mends=Mend.CLEAN_COPY,
    passing={
        "a JPEG named .jpg": _jpeg("anna.jpg"),
        "in capitals": _jpeg("ANNA.JPEG"),
        "a PNG named .png": _png("anna.png"),
        "a GIF, which IMG001 speaks of": file(Container.OTHER, kind="a GIF image", name="anna.gif"),
    },
    failing={
        "a PNG named .jpg": _png("anna.jpg"),
        "a JPEG named .png": _jpeg("anna.png"),
        "named .jfif": _jpeg("anna.jfif"),
        "without an extension": _jpeg("anna"),
    },
)
def image_extension_misleading(file: FileFacts, policy: Policy) -> Iterator[Violation]:
    """The file is a JPEG or PNG under another name.

    Whether the service looks at the name or at the content is not published.
    """
    known = policy.image.extensions
    fitting = [name for name in _NAMES.get(file.container, ()) if name in known.value]
    suffix = file.path.suffix
    if fitting and suffix.lower() not in fitting:
        asked = " or ".join(fitting)
        yield Violation(
            f'is {file.kind} named "{suffix}"; {asked} is its extension'
            if suffix
            else f"is {file.kind} without an extension; {asked} is its own",
            measured=suffix,
            limit=known,
        )
