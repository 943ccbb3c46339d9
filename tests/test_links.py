"""Addresses: until when they are valid, where they lead, and that nothing of what signs them is shown."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.errors import Unavailable, UsageError
from preflight.evidence.file import Container
from preflight.evidence.link import LinkFacts, SignatureKind
from preflight.network.link import read_link, share_links
from preflight.network.url import read_url
from preflight.policy import load_policy
from preflight.rule import Violation, all_rules
from preflight.rules.examples import download, link, signed
from preflight.text import spelt_hours

AT = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)
POLICY = load_policy("tavus-replica-phoenix-4")
RULES = {rule.code: rule for rule in all_rules() if rule.code.startswith("URL")}
HEX = "3f" * 32
WEEK = 167


def read(address: str) -> LinkFacts:
    return read_link(read_url(address), AT)


def found(facts: Any) -> dict[str, Violation]:
    """What each rule on evidence of that kind says, by code; of one that is not assessed, nothing."""
    said: dict[str, Violation] = {}
    for code, rule in RULES.items():
        if rule.needs is type(facts):
            with contextlib.suppress(Unavailable):
                for one in rule.judge(facts, POLICY):
                    assert isinstance(one, Violation)
                    said[code] = one
    return said


def stamp(time: dt.datetime) -> str:
    return f"{time:%Y%m%dT%H%M%SZ}"


def unix(time: dt.datetime) -> int:
    return int(time.timestamp())


def policy(*statements: Any) -> str:
    """A custom policy as CloudFront writes it."""
    text = base64.b64encode(json.dumps({"Statement": statements}).encode()).decode()
    return text.replace("+", "-").replace("=", "_").replace("/", "~")


def until(time: dt.datetime | Any, **more: Any) -> dict[str, Any]:
    value = unix(time) if isinstance(time, dt.datetime) else time
    condition = {"DateLessThan": {"AWS:EpochTime": value}, **more}
    return {"Resource": "https://d111.cloudfront.net/*", "Condition": condition}


def jwt(**claims: Any) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "HS256"}, claims))
    head, body = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    return f"{head}.{body}.c2lnbmF0dXJl"


# Each signs for so many hours from now on; what can be signed for an hour more only was signed long ago.


def s3_v4(hours: float, **more: str) -> str:
    end = AT + dt.timedelta(hours=hours)
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "AKIAEXAMPLE%2F20261125%2Feu-west-1%2Fs3%2Faws4_request",
        "X-Amz-Date": stamp(end - dt.timedelta(hours=WEEK)),
        "X-Amz-Expires": str(WEEK * 3600),
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": HEX,
        **more,
    }
    return "https://takes.s3.eu-west-1.amazonaws.com/clip.mp4?" + joined(query)


def joined(query: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in query.items())


def gcs_v4(hours: float) -> str:
    query = s3_v4(hours).partition("?")[2].replace("X-Amz-", "X-Goog-").replace("AWS4-HMAC", "GOOG4-RSA")
    return f"https://storage.googleapis.com/takes/clip.mp4?{query}"


def s3_v2(hours: float) -> str:
    end = unix(AT + dt.timedelta(hours=hours))
    return (
        f"https://takes.s3.amazonaws.com/clip.mp4?AWSAccessKeyId=AKIAEXAMPLE&Expires={end}&Signature=a%2Bb%3D"
    )


def gcs_v2(hours: float) -> str:
    end = unix(AT + dt.timedelta(hours=hours))
    account = "GoogleAccessId=upload%40example.iam.gserviceaccount.com"
    return f"https://storage.googleapis.com/takes/clip.mp4?{account}&Expires={end}&Signature=a%2Bb%3D"


def azure(hours: float) -> str:
    end = AT + dt.timedelta(hours=hours)
    query = (
        f"sp=r&st=2026-11-18T08:00:00Z&se={end:%Y-%m-%dT%H:%M:%SZ}&spr=https&sv=2024-11-04&sr=b&sig=a%2Bb%3D"
    )
    return f"https://takes.blob.core.windows.net/videos/clip.mp4?{query}"


def azure_delegated(hours: float) -> str:
    """The key ends before the address does."""
    end = AT + dt.timedelta(hours=hours)
    key = f"skoid=0f-1&sktid=0f-2&skt=2026-11-18T08%3A00%3A00Z&ske={end:%Y-%m-%dT%H:%M:%SZ}&sks=b"
    return f"{azure(hours + 100)}&{key}"


def azure_in_words(hours: float) -> str:
    """A time of another zone, without seconds."""
    end = AT + dt.timedelta(hours=hours + 2)
    return (
        f"https://takes.blob.core.windows.net/v/clip.mp4?sv=2024-11-04&sig=ab&se={end:%Y-%m-%dT%H:%M}%2B02:00"
    )


def cloudfront_canned(hours: float) -> str:
    end = unix(AT + dt.timedelta(hours=hours))
    return f"https://d111.cloudfront.net/clip.mp4?Expires={end}&Signature=a-b_&Key-Pair-Id=K2EXAMPLE"


def cloudfront_custom(hours: float) -> str:
    text = policy(until(AT + dt.timedelta(hours=hours)))
    return f"https://d111.cloudfront.net/clip.mp4?Policy={text}&Signature=a-b_&Key-Pair-Id=K2EXAMPLE"


def supabase(hours: float) -> str:
    token = jwt(url="takes/clip.mp4", iat=unix(AT) - 3600, exp=unix(AT + dt.timedelta(hours=hours)))
    return f"https://abc.supabase.co/storage/v1/object/sign/takes/clip.mp4?token={token}"


def plain(hours: float) -> str:
    return f"https://cdn.example/clip.mp4?token=0f3a&expires={unix(AT + dt.timedelta(hours=hours))}"


def plain_milliseconds(hours: float) -> str:
    return f"https://cdn.example/clip.mp4?exp={unix(AT + dt.timedelta(hours=hours))}000&md5=0f3a"


SIGNED = {
    s3_v4: SignatureKind.S3_V4,
    s3_v2: SignatureKind.S3_V2,
    gcs_v4: SignatureKind.GCS_V4,
    gcs_v2: SignatureKind.GCS_V2,
    azure: SignatureKind.AZURE,
    azure_delegated: SignatureKind.AZURE,
    azure_in_words: SignatureKind.AZURE,
    cloudfront_canned: SignatureKind.CLOUDFRONT,
    cloudfront_custom: SignatureKind.CLOUDFRONT,
    supabase: SignatureKind.TOKEN,
    plain: SignatureKind.OTHER,
    plain_milliseconds: SignatureKind.OTHER,
}
by_provider = pytest.mark.parametrize("make", SIGNED, ids=lambda make: make.__name__)


# ---- until when


@by_provider
def test_an_hour_is_too_short_and_25_are_enough(make: Any) -> None:
    """Whoever signed: the same limit, on both sides; 24 hours are just enough."""
    short, enough, exactly = read(make(1)), read(make(25)), read(make(24))

    assert SIGNED[make] is short.signature.kind if short.signature else False
    assert {"URL001"} == set(found(short))
    assert {} == found(enough)
    assert {} == found(exactly)
    assert (1.0, 25.0) == (short.hours_left, enough.hours_left)


@by_provider
def test_one_that_ran_out_names_the_date(make: Any) -> None:
    """So that nobody has to guess which of several addresses this was."""
    said = found(read(make(-20)))["URL001"]

    assert "ran out on 2026-11-24 16:00 UTC" in said.message
    assert -20 == said.measured


def test_what_is_left_never_shows_as_the_limit() -> None:
    """A second too short is said as 23 hours and 59 minutes."""
    said = found(read(s3_v4(24 - 1 / 3600)))["URL001"]

    assert "valid for 23 h 59 min more, until 2026-11-26 11:59 UTC (signed for 6 d 23 h)" in said.message
    assert (23.99, 24, "h") == (said.measured, said.limit.value, said.limit.unit) if said.limit else False


@pytest.mark.parametrize(
    ("hours", "spelt"),
    [
        (0.001, "less than a minute"),
        (0.5, "30 min"),
        (1, "1 h"),
        (47.999, "1 d 23 h"),
        (-3, "less than a minute"),
    ],
)
def test_hours_are_spelt(hours: float, spelt: str) -> None:
    """In two units, never more than there are."""
    assert spelt == spelt_hours(hours)


def test_names_of_parameters_in_any_case() -> None:
    """A name in other letters is read all the same."""
    address, _, query = s3_v4(1).partition("?")

    assert (
        read(s3_v4(1)).signature
        == read(f"{address}?{query.lower().replace('t', 'T').replace('z', 'Z')}").signature
    )


@pytest.mark.parametrize(
    "address",
    [
        s3_v4(48, **{"X-Amz-Security-Token": "IQoJb3JpZ2luX2Vj"}),
        s3_v4(48, **{"X-Amz-Credential": "ASIAEXAMPLE%2F20261125%2Feu-west-1%2Fs3%2Faws4_request"}),
        s3_v2(48).replace("AKIA", "ASIA"),
        s3_v2(48) + "&x-amz-security-token=IQoJb3JpZ2luX2Vj",
    ],
)
def test_temporary_credentials(address: str) -> None:
    """The date in the address promises more than the session keeps."""
    assert {"URL002"} == set(found(read(address)))


def test_a_key_of_azure_says_itself_when_it_ends() -> None:
    """So the address is as good as the first of both dates, and no warning is needed."""
    facts = read(azure_delegated(30))

    assert 30 == facts.hours_left
    assert {} == found(facts)


@pytest.mark.parametrize(
    "address",
    [
        "https://media.example/clip.mp4",
        "https://media.example/clip.mp4?",
        "https://media.example/clip.mp4?v=3&exp=1",
        "https://media.example/clip.mp4?exp=experiment",
        "https://media.example/clip.mp4?expires=1793620800&exp=1793620900",
        "https://media.example/clip.mp4?expires=99999999999",
        "https://media.example/clip.mp4?expires=%D9%A1793620800",
        "https://media.example/clip.mp4?token=a.b.c",
        f"https://media.example/clip.mp4?token={jwt(sub='x')}",
        f"https://media.example/clip.mp4?token={jwt(exp='1793620800')}",
        f"https://media.example/clip.mp4?token={jwt(exp=10**400)}",
        f"https://media.example/clip.mp4?token={jwt(exp=True)}",
        "https://media.example/clip.mp4?Signature=abc",
    ],
)
def test_what_may_be_no_end_is_none(address: str) -> None:
    """A number that could mean anything is not taken for a date."""
    facts = read(address)

    assert facts.signature is None
    assert facts.hours_left is None
    assert {} == found(facts)


# ---- signatures that cannot be read

S3 = s3_v4(48)
CLOUDFRONT = "https://d111.cloudfront.net/clip.mp4?Signature=a&Key-Pair-Id=K2&Policy="
MALFORMED = {
    "no end": S3.replace("X-Amz-Expires", "X-Amz-Expired"),
    "no date": S3.replace("X-Amz-Date", "X-Amz-Day"),
    "a date that is none": S3.replace("X-Amz-Date=2026", "X-Amz-Date=2026-"),
    "a month that is none": S3.replace("X-Amz-Date=202611", "X-Amz-Date=202613"),
    "digits of another script": S3.replace("X-Amz-Date=2026", "X-Amz-Date=%D9%A2026"),
    "an empty end": S3.replace(f"X-Amz-Expires={WEEK * 3600}", "X-Amz-Expires="),
    "a negative end": S3.replace("X-Amz-Expires=", "X-Amz-Expires=-"),
    "an end in words": S3.replace("X-Amz-Expires=", "X-Amz-Expires=in"),
    "more than a week": S3.replace(f"X-Amz-Expires={WEEK * 3600}", f"X-Amz-Expires={7 * 24 * 3600 + 1}"),
    "an end after every calendar": S3.replace("X-Amz-Date=20261120T130000Z", "X-Amz-Date=99991231T235959Z"),
    "a number that overflows": S3.replace("X-Amz-Expires=", "X-Amz-Expires=" + "9" * 400),
    "two ends": S3 + "&X-Amz-Expires=999999",
    "two ends in other letters": S3 + "&x-amz-expires=999999",
    "two dates": S3 + "&X-Amz-Date=20261125T000000Z",
    "Azure, no date": azure(48).replace("se=2026", "se=soon"),
    "Azure, a month that is none": azure(48).replace("se=2026-11", "se=2026-13"),
    "Azure, no end": azure(48).replace("&se=", "&sx="),
    "Azure, two ends": azure(48) + "&SE=2027-01-01",
    "Azure, a key without an end": azure(48) + "&skoid=0f&ske=",
    "Azure, before every calendar": azure(48).replace("se=2026", "se=0000"),
    "CloudFront, no end": cloudfront_canned(48).replace("Expires=", "Expired="),
    "CloudFront, far": cloudfront_canned(48).replace("Expires=", "Expires=999"),
    "CloudFront, no policy": CLOUDFRONT + "abc",
    "CloudFront, no base64": CLOUDFRONT + "%C3%A4bc",
    "CloudFront, no object": CLOUDFRONT + "WzFd",
    "CloudFront, deep": CLOUDFRONT + base64.b64encode(b"[" * 5000).decode().replace("=", "_"),
    "CloudFront, no statement": CLOUDFRONT + policy(),
    "CloudFront, two statements": CLOUDFRONT + policy(until(AT), until(AT)),
    "CloudFront, no time": CLOUDFRONT + policy(until("tomorrow")),
    "CloudFront, a time that is true": CLOUDFRONT + policy(until(True)),
    "CloudFront, a negative time": CLOUDFRONT + policy(until(-1)),
    "CloudFront, a time without end": CLOUDFRONT + policy(until(10**40)),
    "CloudFront, a list for a condition": CLOUDFRONT + policy({"Condition": []}),
    "S3 version 2, no end": s3_v2(48).replace("Expires=", "Expired="),
    "Google version 2, a date": gcs_v2(48).replace("Expires=", "Expires=2026-"),
    "Google version 4, no end": gcs_v4(48).replace("X-Goog-Expires", "X-Goog-Expired"),
}


@pytest.mark.parametrize("address", MALFORMED.values(), ids=MALFORMED)
def test_a_signature_that_cannot_be_read(address: str) -> None:
    """That is its own state: it is said, and whether it lasts is not assessed, never fine."""
    facts = read(address)

    assert facts.signature is not None
    assert facts.signature.unreadable is not None
    assert (None, None) == (facts.signature.signed_at, facts.signature.expires_at)
    assert {"URL005"} == set(found(facts))
    with pytest.raises(Unavailable):
        list(RULES["URL001"].judge(facts, POLICY))


def test_an_end_that_azure_keeps() -> None:
    """A stored policy says until when; the address does not, so a person looks."""
    facts = read("https://takes.blob.core.windows.net/v/clip.mp4?sv=2024-11-04&si=readers&sr=b&sig=ab")

    assert {} == found(facts)
    with pytest.raises(Unavailable, match="does not say until when"):
        list(RULES["URL001"].judge(facts, POLICY))


# ---- pages of services

PAGES = {
    "https://www.dropbox.com/s/abc123/clip.mp4?dl=0": (
        "Dropbox",
        "https://www.dropbox.com/s/abc123/clip.mp4?dl=1",
    ),
    "https://www.dropbox.com/scl/fi/abc/clip.mp4?rlkey=k&st=x&dl=0": (
        "Dropbox",
        "https://www.dropbox.com/scl/fi/abc/clip.mp4?rlkey=k&st=x&dl=1",
    ),
    "https://dropbox.com/s/abc123/clip.mp4": ("Dropbox", "https://dropbox.com/s/abc123/clip.mp4?dl=1"),
    "https://WWW.DROPBOX.COM./s/abc123/clip.mp4": (
        "Dropbox",
        "https://www.dropbox.com/s/abc123/clip.mp4?dl=1",
    ),
    "https://www.dropbox.com/scl/fo/abc/h?rlkey=k&dl=1": ("Dropbox", None),
    "https://www.dropbox.com/home/takes?preview=clip.mp4": ("Dropbox", None),
    "https://drive.google.com/file/d/1AbC/view?usp=sharing": (
        "Google Drive",
        "https://drive.google.com/uc?export=download&id=1AbC",
    ),
    "https://drive.google.com/open?id=1AbC&usp=drive_copy": (
        "Google Drive",
        "https://drive.google.com/uc?export=download&id=1AbC",
    ),
    "https://drive.google.com/open?usp=drive_copy": ("Google Drive", None),
    "https://drive.google.com/drive/u/0/folders/1AbC": ("Google Drive", None),
    "https://photos.app.goo.gl/abc": ("Google Photos", None),
    "https://photos.google.com/share/abc/photo/def?key=k": ("Google Photos", None),
    "https://storage.cloud.google.com/takes/a/clip.mp4?authuser=1": (
        "Google Cloud Storage",
        "https://storage.googleapis.com/takes/a/clip.mp4",
    ),
    "https://s3.console.aws.amazon.com/s3/object/takes?prefix=clip.mp4": ("AWS", None),
    "https://1drv.ms/v/s!Abc?e=x": ("OneDrive", None),
    "https://onedrive.live.com/?id=a&cid=b": ("OneDrive", None),
    "https://firm-my.sharepoint.com/:v:/g/personal/me/Eabc?e=x1": (
        "SharePoint",
        "https://firm-my.sharepoint.com/:v:/g/personal/me/Eabc?e=x1&download=1",
    ),
    "https://firm.sharepoint.com/:f:/s/takes/Eabc?e=x1&download=1": ("SharePoint", None),
    "https://firm.sharepoint.com/sites/t/_layouts/15/stream.aspx?id=a": ("SharePoint", None),
    "https://www.icloud.com/iclouddrive/0ab#clip": ("iCloud", None),
    "https://app.box.com/s/abc": ("Box", None),
    "https://firm.app.box.com/s/abc": ("Box", None),
    "https://we.tl/t-AbC": ("WeTransfer", None),
    "https://wetransfer.com/downloads/abc/def": ("WeTransfer", None),
    "https://www.youtube.com/watch?v=abc": ("YouTube", None),
    "https://m.youtube.com/shorts/abc": ("YouTube", None),
    "https://youtu.be/abc": ("YouTube", None),
    "https://vimeo.com/12345": ("Vimeo", None),
    "https://player.vimeo.com/video/12345": ("Vimeo", None),
    "https://www.loom.com/share/abc": ("Loom", None),
    "https://app.frame.io/reviews/abc": ("Frame.io", None),
    "https://www.instagram.com/reel/abc/": ("Instagram", None),
    "https://www.tiktok.com/@a/video/1": ("TikTok", None),
    "https://us02web.zoom.us/rec/share/abc": ("Zoom", None),
    "https://mega.nz/file/abc#key": ("MEGA", None),
    "https://github.com/a/b/blob/main/t/clip.mp4": ("GitHub", "https://github.com/a/b/raw/main/t/clip.mp4"),
    "https://gitlab.com/a/b/c/-/blob/main/clip.mp4": (
        "GitLab",
        "https://gitlab.com/a/b/c/-/raw/main/clip.mp4",
    ),
    "https://huggingface.co/datasets/a/b/blob/main/clip.mp4": (
        "Hugging Face",
        "https://huggingface.co/datasets/a/b/resolve/main/clip.mp4",
    ),
    "https://imgur.com/a/abc": ("Imgur", None),
}


@pytest.mark.parametrize(("address", "expected"), PAGES.items(), ids=PAGES)
def test_a_page_of_a_service(address: str, expected: tuple[str, str | None]) -> None:
    """It is named, with its direct form where there is one; and that one leads to no page."""
    name, direct = expected
    facts = read(address)

    assert facts.service is not None
    assert name == facts.service.name
    assert direct == (None if facts.direct is None else f"{facts.direct.origin}{facts.direct.target}")
    assert name in found(facts)["URL003"].message
    if direct is not None:
        assert read(direct).service is None


@pytest.mark.parametrize(
    "address",
    [
        "https://www.dropbox.com/s/abc123/clip.mp4?dl=1",
        "https://www.dropbox.com/scl/fi/abc/clip.mp4?rlkey=k&raw=1",
        "https://dl.dropboxusercontent.com/s/abc/clip.mp4",
        "https://dl.dropbox.com/s/abc/clip.mp4",
        "https://drive.google.com/uc?export=download&id=1AbC",
        "https://drive.usercontent.google.com/download?id=1AbC&export=download",
        "https://firm.sharepoint.com/sites/t/_layouts/15/download.aspx?UniqueId=a",
        "https://firm.sharepoint.com/:v:/g/personal/me/Eabc?e=x1&download=1",
        "https://app.box.com/shared/static/abc.mp4",
        "https://player.vimeo.com/external/1.hd.mp4?s=a",
        "https://raw.githubusercontent.com/a/b/main/clip.mp4",
        "https://i.imgur.com/abc.jpg",
        "https://storage.googleapis.com/takes/clip.mp4",
        # hosts that only look like one
        "https://www.dropbox.com.evil.example/s/abc/clip.mp4?dl=0",
        "https://notdropbox.com/s/abc/clip.mp4?dl=0",
        "https://dropbox.com-files.example/s/abc/clip.mp4",
        "https://drive.google.com.evil.example/file/d/1AbC/view",
        "https://evil.example/drive.google.com/file/d/1AbC/view",
        "https://evil.example/?u=https://youtu.be/abc",
        "https://netflix.com/title/1",
        "https://fakeyoutube.com/watch?v=a",
    ],
)
def test_an_address_that_is_no_such_page(address: str) -> None:
    """A file of the same services, or a host that is another."""
    facts = read(address)

    assert (None, None) == (facts.service, facts.direct)
    assert {} == found(facts)


def test_direct_forms_are_shown_without_their_query() -> None:
    """Where the address itself changes it is shown; what its query holds is said in words."""
    drive, dropbox, github = (
        found(read(address))["URL003"].message
        for address in (
            "https://drive.google.com/file/d/1AbC/view",
            "https://www.dropbox.com/scl/fi/abc/clip.mp4?rlkey=k&dl=0",
            "https://github.com/a/b/blob/main/clip.mp4",
        )
    )

    assert drive.endswith("serve larger ones elsewhere (https://drive.google.com/uc?…)")
    assert dropbox.endswith("keep the rest of it, rlkey above all")
    assert github.endswith("raw in place of blob (https://github.com/a/b/raw/main/clip.mp4)")


def test_every_kind_of_link_is_met() -> None:
    """Hosts are in lower case, and what is said fits into a sentence."""
    for known in share_links():
        assert all(host == host.lower().rstrip(".") and "/" not in host for host in known.hosts), known
        assert not known.what.endswith("."), known
        assert not known.how.endswith("."), known
        assert not (known.set and known.direct), known


# ---- secrets

CANARY = "CANARY7f3a"
SECRET = [make(hours) for make in SIGNED for hours in (1, 25)] + [*PAGES, *MALFORMED.values()]


def planted(address: str) -> list[str]:
    """The address with a canary at the end of each value of its query, and in place of it."""
    place, _, query = address.partition("?")
    parts = [part for part in query.split("#")[0].split("&") if part]
    return [
        f"{place}?" + "&".join([*parts[:at], f"{name}={value}{CANARY}", *parts[at + 1 :]])
        for at, part in enumerate(parts)
        for name, _, whole in [part.partition("=")]
        for value in ("", whole)
    ]


@pytest.mark.parametrize("address", SECRET)
def test_no_value_of_a_query_is_ever_shown(address: str) -> None:
    """Not by any text of the facts, nor by anything a rule says of them."""
    for planting in planted(address):
        facts = read(planting)
        said = [f"{one.message} {one.measured}" for one in found(facts).values()]
        try:
            hours = repr(facts.hours_left)
        except Unavailable as exc:
            hours = str(exc)
        led = download(target=facts, redirects=1)
        shown = [repr(facts), str(facts), f"{facts.direct!r} {facts.direct}", hours, *said, repr(led)]
        shown += [
            json.dumps({"message": one.message, "measured": one.measured}) for one in found(led).values()
        ]

        assert not [text for text in shown if CANARY in text], planting
        assert HEX not in "".join(shown)


# ---- what came back


def test_where_a_redirect_ends_counts_as_a_warning() -> None:
    """A server may sign anew for whoever asks, so that the target ends soon proves no fault."""
    target = read(s3_v4(1))
    led = download(redirects=1, hosts=("go.example", target.host), target=target)

    assert {"URL006", "URL010"} == set(found(led))
    assert "warning" == RULES["URL006"].severity
    assert {} == found(download(redirects=1, target=link(signed(25))))


@pytest.mark.parametrize(
    ("container", "kind", "content_type", "is_page"),
    [
        (Container.OTHER, "an HTML page", None, True),
        (Container.OTHER, "an HTML page", "video/mp4", True),
        (Container.OTHER, "plain text", "Text/HTML; charset=utf-8", True),
        (Container.OTHER, "an XML file", "application/xhtml+xml", True),
        (Container.OTHER, "plain text", "text/plain", False),
        (Container.OTHER, "empty", "text/html", False),
        (Container.MP4, "an MP4 file", "text/html", False),
    ],
)
def test_what_a_page_is(container: Container, kind: str, content_type: str | None, is_page: bool) -> None:
    """Its bytes say so, or its type where the bytes say nothing else."""
    facts = download(container, kind=kind, content_type=content_type)

    assert is_page == facts.is_page
    assert is_page == ("URL004" in found(facts))


def test_a_type_that_steers_the_terminal() -> None:
    """What the server says is shown without its control characters, and not at length."""
    said = found(download(content_type="text/\x1b[2J" + "x" * 500))["URL011"].message

    assert "\x1b" not in said
    assert len(said) < 120


@pytest.mark.parametrize("etag", [None, "", '""', 'W/"abc"', " "])
def test_an_etag_that_identifies_nothing(etag: str | None) -> None:
    """A weak one may stay the same while bytes change."""
    assert {"URL008"} == set(found(download(etag=etag)))


PIECES = [
    "X-Amz-Signature=",
    "X-Amz-Date=",
    "X-Amz-Expires=",
    "Policy=",
    "Key-Pair-Id=",
    "Expires=",
    "token=",
]
PIECES += [
    "sv=",
    "sig=",
    "se=",
    "ske=",
    "exp=",
    "AWSAccessKeyId=",
    "Signature=",
    "&",
    "%",
    "=",
    "+",
    "-",
    "Z",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=12) | st.integers().map(str), max_size=12))
def test_no_query_is_too_odd_to_be_read(pieces: list[str]) -> None:
    """Whatever an address holds, its facts are made, and rules can judge them."""
    with contextlib.suppress(UsageError):
        found(read("https://media.example/clip.mp4?" + "".join(pieces)))
