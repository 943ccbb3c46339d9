"""The commands that check. The only code that prints, with ``submit.cli``, which adds the commands that send.

Results go to standard output, everything else to standard error. Exit codes: 0 cleared, 1 not cleared,
2 could not run, 3 needs a person, 4 refused by the service, 5 outcome of a create request unknown.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from preflight.completion import SHELLS, files, formats, policies
from preflight.configured import CONFIG_OPTIONS, Configured, chosen
from preflight.errors import NotCleared, PreflightError
from preflight.stage import unwatched
from preflight.submission import (
    DEFAULT_POLICY,
    Depth,
    Options,
    Role,
    RuleWaiver,
    Shown,
    Submission,
    hosts_in,
)
from preflight.version import __version__

if TYPE_CHECKING:
    from preflight.batch import Outcome
    from preflight.delivery import Target
    from preflight.network.remote import Progress
    from preflight.report import Report
    from preflight.stage import Stage, Watch

__all__ = [
    "CHECK_OPTIONS",
    "CLEARED",
    "COULD_NOT_RUN",
    "EXIT",
    "NOT_CLEARED",
    "REFUSED",
    "REPORT_OPTIONS",
    "UNKNOWN",
    "asked_for",
    "checked",
    "cli",
    "complain",
    "deliver",
    "hosts",
    "run",
    "shown",
    "stopped_by_signals",
    "watched",
    "with_options",
    "write",
]

T = TypeVar("T")
CLEARED, NOT_CLEARED, COULD_NOT_RUN, NEEDS_A_PERSON, REFUSED, UNKNOWN = range(6)
EXIT = {"pass": CLEARED, "fail": NOT_CLEARED, "review": NEEDS_A_PERSON}
_MAX_TRANSCRIPT = 1_000_000
_PAGE = 80  # columns of a text that is written to a file


def run(commands: click.Group) -> NoReturn:
    """Run a command, and turn what can go wrong in the world into one line and exit code 2."""
    try:
        code = commands(prog_name="preflight", standalone_mode=False)
    except click.exceptions.Exit as exc:
        code = exc.exit_code
    except click.exceptions.NoArgsIsHelpError as exc:
        sys.stderr.write(f"{exc.format_message()}\n")
        code = COULD_NOT_RUN
    except click.ClickException as exc:
        context = getattr(exc, "ctx", None)
        complain(exc.format_message(), usage=None if context is None else context.get_usage())
        code = COULD_NOT_RUN
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
        code = 130
    except NotCleared as exc:
        complain(str(exc))
        code = NOT_CLEARED
    except PreflightError as exc:
        complain(str(exc))
        code = COULD_NOT_RUN
    except Exception as exc:
        # A fault of ours is no verdict on the media, so it must not end in the exit code of one.
        if os.environ.get("PREFLIGHT_DEBUG"):
            raise
        complain(
            f"internal error: {type(exc).__name__}: {exc}; please report it (PREFLIGHT_DEBUG=1 shows where)"
        )
        code = COULD_NOT_RUN
    sys.exit(code if isinstance(code, int) else 0)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="replica-preflight")
def cli() -> None:
    """Check replica training media before submission: consent wording, video, sound, image.

    Exit codes: 0 cleared, 1 not cleared, 2 could not run, 3 needs a person, 4 refused by the service,
    5 outcome of a create request unknown.
    """


def _source(name: str, text: str) -> Callable[[Any], Any]:
    return click.option(name, metavar="SRC", help=text, shell_complete=files)


_format = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to report."
)
_names = [
    click.option(
        "--full-name", metavar="NAME", help="The speaker's full name, as the statement must say it."
    ),
    click.option(
        "--accept-name", "accepted_names", metavar="NAME", multiple=True, help="Another spelling of the name."
    ),
]
_policy = click.option(
    "--policy",
    metavar="ID|FILE",
    default=DEFAULT_POLICY,
    show_default=True,
    help="What to judge by.",
    shell_complete=policies,
)
JUDGE_OPTIONS = [
    _policy,
    click.option(
        "--asr-model",
        metavar="NAME|DIR",
        help="Whisper model that listens: a name, or a folder in CTranslate2 format.  [default: small]",
    ),
    click.option(
        "--asr-second-model",
        metavar="NAME|DIR",
        help="A second one that listens too: either may confirm a word, and a refusal in any decode counts.",
    ),
    *CONFIG_OPTIONS,
]
CHECK_OPTIONS = [
    _source("--train-video", "The training video: a file, or its https address."),
    _source("--consent-video", "A separate clip that holds the consent statement alone."),
    _source("--train-image", "The training image, instead of a video."),
    *_names,
    click.option("--voice-name", metavar="SLUG", help="The service's voice; required with an image."),
    click.option("--model-name", metavar="MODEL", help="The model to train.  [default: the policy's first]"),
    click.option("--auto-fix-training-image", is_flag=True, help="Let the service mend an image's framing."),
    *JUDGE_OPTIONS,
    click.option(
        "--depth",
        type=click.Choice([str(depth) for depth in Depth]),
        default=str(Depth.STANDARD),
        show_default=True,
        help="How much is looked at: no picture, the key frames, or every frame.",
    ),
    click.option(
        "--allow-host",
        "allow_hosts",
        metavar="HOST",
        multiple=True,
        help="Permit plain http and private addresses for this host alone (also PREFLIGHT_ALLOW_HOSTS).",
    ),
    click.option(
        "--cache/--no-cache",
        default=True,
        help="Keep files that were downloaded whole, or none.  [default: keep]",
    ),
]

_output = click.option(
    "--output", type=click.Path(path_type=Path), help="Write the report there, not to standard output."
)
REPORT_OPTIONS = [
    click.option(
        "--format",
        "forms",
        metavar="FORMAT[=FILE]",
        multiple=True,
        help="How to report: text, json, junit, sarif, github, markdown or html; may be given several times, "
        "each but one with a file.  [default: text]",
        shell_complete=formats,
    ),
    click.option(
        "--embed-media", is_flag=True, help="Put small pictures of the files into the page of --format html."
    ),
    _output,
    click.option("--quiet", is_flag=True, help="Print no report and no progress: the exit code says it."),
    click.option("--verbose", is_flag=True, help="Say on standard error what is done, and in what time."),
]


def with_options(options: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


MANIFEST_OPTIONS = [
    click.option(
        "--manifest",
        metavar="FILE",
        help="Check every submission that it lists, one a line: JSON Lines, or CSV with a header; - for "
        "standard input.",
    ),
    click.option(
        "--jobs",
        type=click.IntRange(1, 64),
        metavar="N",
        help="How many submissions of a manifest are checked at a time.  [default: half of the processors]",
    ),
    click.option(
        "--results",
        metavar="FILE",
        help="Keep finished submissions of a manifest there; a run that was stopped goes on with it.",
    ),
]


@cli.command(cls=Configured, reports=True)
@with_options([*CHECK_OPTIONS, *REPORT_OPTIONS, *MANIFEST_OPTIONS])
def check(
    forms: tuple[str, ...],
    output: Path | None,
    manifest: str | None,
    jobs: int | None,
    results: str | None,
    *,
    embed_media: bool,
    **options: Any,
) -> int:
    """Check one submission: a training video, perhaps with a consent clip, or a training image.

    With --manifest, check many. Exit code: 1 if one is not cleared, else 2 if one could not be checked, else
    3 if one needs a person.
    """
    targets = asked_for(forms, output, **options)
    if manifest is not None:
        return _check_manifest(manifest, targets, jobs, results, embed_media=embed_media, **options)
    if jobs is not None or results is not None:
        raise click.UsageError("--jobs and --results go with --manifest.")
    report = checked(**options, shown=shown(targets, embed_media=embed_media))
    deliver(report, targets)
    return EXIT[report.verdict]


_OF_ONE = ("train_video", "consent_video", "train_image", "full_name", "accepted_names")


def _check_manifest(
    manifest: str,
    targets: tuple[Target, ...],
    jobs: int | None,
    results: str | None,
    *,
    policy: str,
    asr_model: str | None,
    asr_second_model: str | None,
    depth: str,
    allow_hosts: tuple[str, ...],
    cache: bool,
    waivers: tuple[RuleWaiver, ...],
    model_name: str | None,
    voice_name: str | None,
    auto_fix_training_image: bool,
    embed_media: bool,
    quiet: bool,
    verbose: bool,
    **one: Any,
) -> int:
    if auto_fix_training_image or any(one[name] for name in _OF_ONE):
        raise click.UsageError("What belongs to one submission stands in its line of the manifest.")
    if embed_media or any(target.form == "html" for target in targets):
        raise click.UsageError("A page shows one submission: --format html does not go with --manifest.")
    from preflight.batch import Results, check_all, read_submissions, worst
    from preflight.policy import load_policy

    model = model_name or load_policy(policy).request.models.value[0]
    items = read_submissions(manifest, model_name=model, voice_name=voice_name)
    options = Options(policy, asr_model, asr_second_model, depth, hosts(allow_hosts), cache, waivers)
    at_once = jobs or max(1, (os.cpu_count() or 2) // 2)
    with ExitStack() as stack:
        kept = None if results is None else stack.enter_context(Results(results))
        stack.enter_context(stopped_by_signals())
        done = stack.enter_context(_advancing(len(items), quiet=quiet, verbose=verbose))
        outcomes = check_all(items, options, jobs=at_once, results=kept, done=done)
    _deliver_all(outcomes, targets)
    verdict = worst(outcomes)
    return COULD_NOT_RUN if verdict is None else EXIT[verdict]


def _deliver_all(outcomes: Sequence[Outcome], targets: Iterable[Target]) -> None:
    """The report on all of them in every form that was asked for: files first."""
    from preflight.delivery import write_file
    from preflight.render.batch import render_batch

    for target in sorted(targets, key=lambda target: target.path is None):
        if target.path is None:
            write(render_batch(outcomes, target.form, **_terminal()))
        else:
            write_file(target.path, render_batch(outcomes, target.form, colour=False, width=_PAGE))


@contextmanager
def _advancing(total: int, *, quiet: bool, verbose: bool) -> Iterator[Callable[[Outcome], None]]:
    """A bar on standard error that says how many are done, and how long the rest may take."""
    if verbose:
        yield lambda outcome: complain(f"line {outcome.item.line}, {outcome.item.name}: {_came_to(outcome)}")
        return
    if quiet or not sys.stderr.isatty():
        yield lambda outcome: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from preflight.text import printable

    columns = (
        BarColumn(20),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=total)

        def done(outcome: Outcome) -> None:
            name = printable(outcome.item.name, limit=30)
            bars.update(task, advance=1, description=f"{name}: {_came_to(outcome)}")

        yield done


def _came_to(outcome: Outcome) -> str:
    return "not checked" if outcome.verdict is None else str(outcome.verdict)


@cli.command()
@click.option("--text", help="The words to judge.")
@click.option("--transcript", metavar="FILE", help="A file that holds the words; - for standard input.")
@with_options(_names)
@click.option(
    "--placement",
    type=click.Choice(["opening", "alone"]),
    default="opening",
    show_default=True,
    help="Whether other speech may follow the statement (opening) or not (alone, a consent clip).",
)
@_format
def consent(
    text: str | None,
    transcript: str | None,
    full_name: str | None,
    accepted_names: tuple[str, ...],
    placement: str,
    form: str,
) -> int:
    """Judge words alone: whether a text is the consent statement, and which word is not."""
    if (text is None) == (transcript is None):
        raise click.UsageError("Give either --text or --transcript.")
    words = text if text is not None else _read_transcript(str(transcript))
    from preflight.consent import match_consent

    try:
        match = match_consent(words, full_name=full_name, accepted_names=accepted_names, placement=placement)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc
    if form == "json":
        from preflight.render.json import render_json

        write(render_json(match.to_dict() | {"asset": None}))
    else:
        from preflight.render.text import render_consent

        write(render_consent(match, **_terminal()))
    return EXIT[match.verdict]


@cli.command(cls=Configured)
@click.argument("file", metavar="FILE")
@click.option(
    "--output", metavar="FILE", required=True, help="The mended file to write. It must not exist yet."
)
@click.option("--consent-clip", is_flag=True, help="Judge FILE as a consent clip, not as a training video.")
@with_options([_policy, *CONFIG_OPTIONS])
def fix(file: str, output: str, policy: str, *, consent_clip: bool) -> int:
    """Mend what can be mended without recording again, into a new file. The original is never touched.

    FILE is a video or a photo (JPEG or PNG). A mended video is an .mp4 file. A mended photo is a clean copy,
    .jpg or .png as it is named: upright, in sRGB, without metadata such as the place where it was taken.

    It looks at the file alone, hears no consent and clears nothing: check the mended file afterwards. Exit
    codes: 0 the file was written, or there is nothing to mend; 2 could not run.
    """
    from preflight.fix import fix as mended
    from preflight.render.text import render_fixed

    with stopped_by_signals(), _busy(f"Mending {file} …"):
        role = Role.CONSENT_VIDEO if consent_clip else None
        done = mended(file, output, policy=policy, role=role)
    write(render_fixed(file, output, done, **_terminal()))
    return CLEARED


@cli.command(cls=Configured)
@click.argument("manifest", metavar="MANIFEST")
@with_options([*JUDGE_OPTIONS, _format, _output])
def evaluate(manifest: str, form: str, output: Path | None, **options: Any) -> int:
    """Measure a recogniser on recordings of your own, before trusting its verdicts.

    MANIFEST lists recordings, sound or video, as JSON Lines or CSV with a header (- for standard input):
    path, expected (pass, review or fail), and if you like full_name, accepted_names, placement (alone or
    opening) and group. Exit code 1 when a recording passed that must not, 3 when one could not be judged.
    """
    from preflight.evaluate import evaluate as judged
    from preflight.evaluate import read_manifest
    from preflight.render.evaluation import evaluation_json, evaluation_text

    recordings, folder = read_manifest(manifest)
    from preflight.delivery import require_writable, write_file

    if output is not None:
        require_writable(output)  # said now, not after everything was listened to
    found = list(_counted(judged(recordings, Options(**options), folder=folder), len(recordings)))
    if form == "json":
        text = evaluation_json(found)
    else:
        text = evaluation_text(found, **({} if output is not None else _terminal()))
    if output is None:
        write(text)
    else:
        write_file(output, text)
    if any(one.is_false_accept for one in found):
        return NOT_CLEARED
    return NEEDS_A_PERSON if any(one.match is None for one in found) else CLEARED


@cli.command()
@_format
def rules(form: str) -> int:
    """List every rule: code, name, severity, and the service's errors that it prevents."""
    from preflight.render.rules import rules_json, rules_text

    write(rules_json() if form == "json" else rules_text(**_terminal()))
    return CLEARED


@cli.command()
@click.argument("subject", metavar='CODE|NAME|"vendor error message"')
def explain(subject: str) -> int:
    """Show a rule's page, or the rules that would have caught a message of the service."""
    from preflight.render.rules import explanation

    page = explanation(subject, **_terminal())
    if page is None:
        raise click.UsageError(
            "That is neither a rule's code or name nor a known message of the service; see: preflight rules"
        )
    write(page)
    return CLEARED


@cli.command()
@with_options(CONFIG_OPTIONS)
def doctor(config: str | None, *, no_config: bool) -> int:
    """Say what is installed, what is missing, and how to get it; and which file makes settings."""
    from preflight.doctor import diagnose, render

    findings = diagnose(lambda: chosen(config, without=no_config))
    write(render(findings))
    return CLEARED if all(finding.fine for finding in findings) else COULD_NOT_RUN


@cli.command("fetch-model")
@click.argument("name")
def fetch_model(name: str) -> int:
    """Download a Whisper model by name, for --asr-model. Checks themselves never download one."""
    from preflight.evidence.model import fetch_model as fetch

    write(f"{name}: {fetch(name)}\n")
    return CLEARED


@cli.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> int:
    """Print what a shell reads to complete commands, options and policies.

    In bash: source <(preflight completion bash). In zsh: source <(preflight completion zsh). In fish:
    preflight completion fish | source.
    """
    from preflight.completion import script

    write(script(cli, shell))
    return CLEARED


def asked_for(
    forms: tuple[str, ...], output: Path | None, *, quiet: bool, verbose: bool, **options: Any
) -> tuple[Target, ...]:
    """Where the report goes. Raises UsageError, before anything is checked, for what cannot be."""
    from preflight.delivery import require_writable, targets

    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose contradict each other.")
    sources = [options.get(name) for name in ("train_video", "consent_video", "train_image", "policy")]
    asked = targets(forms, output, inputs=[Path(source) for source in sources if source])
    for target in asked:
        if target.path is not None:
            require_writable(target.path)
    return tuple(target for target in asked if target.path is not None or not quiet)


def checked(
    *,
    policy: str,
    asr_model: str | None,
    asr_second_model: str | None,
    depth: str,
    allow_hosts: tuple[str, ...],
    cache: bool,
    waivers: tuple[RuleWaiver, ...] = (),
    shown: Shown = Shown.NOTHING,
    quiet: bool = False,
    verbose: bool = False,
    **fields: Any,
) -> Report:
    if not any(fields.get(name) for name in ("train_video", "consent_video", "train_image")):
        raise click.UsageError("Nothing to check: give --train-video or --train-image.")
    from preflight.engine import check
    from preflight.evidence.file import sought_name
    from preflight.policy import load_policy

    if fields.get("model_name") is None:
        fields["model_name"] = load_policy(policy).request.models.value[0]
    submission = Submission(**fields)
    options = Options(policy, asr_model, asr_second_model, depth, hosts(allow_hosts), cache, waivers, shown)
    names = ", ".join(sought_name(source) for _, source in submission.sources())
    showing = _logged() if verbose else nullcontext(_UNSEEN) if quiet else _shown(f"Checking {names} …")
    with stopped_by_signals(), showing as (progress, watch):
        return check(submission, options, progress=progress, watch=watch)


def shown(targets: Iterable[Target], *, embed_media: bool) -> Shown:
    """What the reports that were asked for show of the files beside what was found."""
    if not any(target.form == "html" for target in targets):
        if embed_media:
            raise click.UsageError("--embed-media goes with --format html.")
        return Shown.NOTHING
    return Shown.PICTURES if embed_media else Shown.CURVES


def hosts(given: tuple[str, ...]) -> tuple[str, ...]:
    return (*(host.strip() for host in given if host.strip()), *hosts_in(os.environ))


def _terminal() -> dict[str, Any]:
    """Colour and width of standard output; NO_COLOR is honoured, and a pipe gets neither."""
    if not sys.stdout.isatty():
        return {"colour": False, "width": 80}
    import shutil

    return {"colour": not os.environ.get("NO_COLOR"), "width": min(100, shutil.get_terminal_size().columns)}


def _busy(message: str) -> Any:
    """A spinner on standard error while something takes time; nothing where no one is looking."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console
    from rich.text import Text

    from preflight.text import printable

    return Console(stderr=True).status(Text(printable(message)))


_UNSEEN: tuple[Progress | None, Watch] = (None, unwatched)


@contextmanager
def watched(message: str, *, quiet: bool = False) -> Iterator[Progress | None]:
    """A spinner on standard error, and below it a bar for each file that is being downloaded."""
    with nullcontext(_UNSEEN) if quiet else _shown(message) as (progress, _):
        yield progress


@contextmanager
def _shown(message: str) -> Iterator[tuple[Progress | None, Watch]]:
    """The same, and the spinner says which stage the work is in; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield _UNSEEN
        return
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars
    from rich.spinner import Spinner
    from rich.text import Text

    from preflight.text import printable

    name = TextColumn("{task.description}", markup=False)
    bars = Bars(name, BarColumn(20), DownloadColumn(), TransferSpeedColumn())
    spinner = Spinner("dots", Text(printable(message)))
    with Live(Group(spinner, bars), console=Console(stderr=True), transient=True):
        tasks: dict[str, Any] = {}
        stages: list[str] = [message]

        def progress(name: str, received: int, size: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(printable(name, limit=40))
            bars.update(tasks[name], completed=received, total=size)

        @contextmanager
        def watch(name: str, stage: Stage) -> Iterator[None]:
            stages.append(f"{message} {stage}")
            spinner.update(text=Text(printable(stages[-1])))
            try:
                yield
            finally:
                stages.pop()
                spinner.update(text=Text(printable(stages[-1])))

        yield progress, watch


@contextmanager
def _logged() -> Iterator[tuple[Progress | None, Watch]]:
    """A line on standard error for each stage that has ended, and for what was downloaded."""
    from preflight.stopwatch import Stopwatch

    received: dict[str, int] = {}

    def progress(name: str, bytes_received: int, size: int | None) -> None:
        received[name] = bytes_received

    def say(name: str, stage: Stage, seconds: float) -> None:
        complain(f"{name}: {stage}, {seconds:.2f} s")

    try:
        yield progress, Stopwatch(say)
    finally:
        for name, number in received.items():
            complain(f"{name}: download, {number} bytes")


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let being told to end be an exception, so that nothing half done is left behind."""

    def stop(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt

    # one that is ignored stays so: nohup asks for that
    signals = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is not signal.SIG_IGN]
    before = [signal.signal(number, stop) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def _counted(outcomes: Iterable[T], total: int) -> Iterable[T]:
    """The same, with a progress bar on standard error where somebody is looking."""
    if not sys.stderr.isatty():
        return outcomes
    from rich.console import Console
    from rich.progress import track

    return track(outcomes, "Listening", total=total, console=Console(stderr=True))


def deliver(report: Report, targets: Iterable[Target]) -> None:
    """The report in every form that was asked for: files first, whole or not at all."""
    from preflight.delivery import write_file
    from preflight.render.formats import FORMATS

    for target in sorted(targets, key=lambda target: target.path is None):
        if target.path is None:
            shown = _terminal()
            write(FORMATS[target.form]([report], shown["colour"], shown["width"]))
        else:
            write_file(target.path, FORMATS[target.form]([report], False, _PAGE))


def _read_transcript(name: str) -> str:
    try:
        if name == "-":
            if sys.stdin is None:
                raise click.UsageError("Standard input is closed.")
            data = sys.stdin.buffer.read(_MAX_TRANSCRIPT + 1)
        else:
            from preflight.evidence.file import resolve

            with resolve(name).open("rb") as file:
                data = file.read(_MAX_TRANSCRIPT + 1)
    except OSError as exc:
        raise click.UsageError(f"{name}: {exc.strerror}") from exc
    if len(data) > _MAX_TRANSCRIPT:
        raise click.UsageError(f"{name}: is longer than {_MAX_TRANSCRIPT} bytes; a statement is not")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise click.UsageError(f"{name}: is not text in UTF-8") from exc


def write(text: str) -> None:
    """To standard output, whatever its encoding can show. Raises PreflightError when nobody can read it.

    A report that was not delivered is no verdict, so this never ends in the exit code of one.
    """
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except OSError as exc:
        # Keep the interpreter from flushing into it once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise PreflightError(f"the report could not be written: {exc.strerror}") from exc


def complain(message: str, *, usage: str | None = None) -> None:
    """One line to standard error, after a line of usage where that helps, without anybody's keys."""
    from preflight.text import printable, redacted

    encoding = sys.stderr.encoding or "utf-8"
    lines = f"preflight: {printable(redacted(message), limit=2000)}\n"
    if usage is not None:
        lines = f"{usage}\n{lines}"
    sys.stderr.write(lines.encode(encoding, "backslashreplace").decode(encoding))
