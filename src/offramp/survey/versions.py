"""Surveys as a content folder holds them: each with the versions that were set aside before it.

`surveys/<slug>/` is the version that newcomers meet. `surveys/<slug>/versions/<number>/` holds an earlier one, with
its languages and the platforms of its time, for whoever began with it: to go on, to delete, and to be counted.
Not here: what makes one version sound (check), how two of them differ (difference).
The invariant: the versions of a survey that exists have its slug, and numbers below its own.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from offramp.errors import Problem, Refusal, refuse
from offramp.survey.check import read_survey
from offramp.survey.definition import Survey
from offramp.survey.shared import unlike

PLATFORMS, VERSIONS, DEFINITION = "platforms.toml", "versions", "survey.toml"


def read_surveys(content: Path, strictly: bool = False) -> dict[str, Survey]:
    """Return all surveys of a content folder by slug, each with its earlier versions. Refusal: all faults at once.

    `strictly` also asks whether translations are like their English.
    """
    surveys: dict[str, Survey] = {}
    problems: list[Problem] = []
    for folder in sorted(path.parent for path in content.glob(f"surveys/*/{DEFINITION}")):
        try:
            survey = _with_earlier(folder, content / PLATFORMS, strictly)
            surveys[survey.slug] = survey
        except Refusal as refusal:
            problems.extend(refusal.problems)
    # What is shared can only be compared when every survey could be read.
    if problems or (problems := list(unlike(surveys))):
        raise Refusal(problems)
    if not surveys:
        raise refuse("survey.none", str(content), "There is no surveys/<slug>/survey.toml here.",
                     "Please name the folder that holds the content.")  # fmt: skip
    return surveys


def read_every(content: Path) -> dict[str, Survey]:
    """Return all surveys, and the check-ins of all programmes, by slug: whatever answers may come from.

    Refusal: all faults at once.
    """
    folders = sorted(path.parent for path in content.glob(f"programmes/*/check-in/{DEFINITION}"))
    check_ins = [read_newest(folder) for folder in folders]
    return {**read_surveys(content), **{survey.slug: survey for survey in check_ins}}


def read_newest(folder: Path, translated: bool = True) -> Survey:
    """Return the survey in a folder with its earlier versions. Refusal: all faults of all of them."""
    return _with_earlier(folder, _platforms(folder), strictly=False, translated=translated)


def _with_earlier(folder: Path, platforms: Path, strictly: bool, translated: bool = True) -> Survey:
    """Return a survey with the versions that were set aside: versions/<number>, each with the platforms of its time."""
    problems: list[Problem] = []
    read: dict[Path, Survey] = {}
    for path in (folder, *sorted(path.parent for path in folder.glob(f"{VERSIONS}/*/{DEFINITION}"))):
        own = path / PLATFORMS
        try:
            read[path] = read_survey(path, own if own.exists() else platforms, translated, strictly)
        except Refusal as refusal:
            place = "" if path == folder else f"{folder.name}/{VERSIONS}/"
            problems += [replace(problem, place=place + problem.place) for problem in refusal.problems]
    newest = read.pop(folder, None)
    for path, version in read.items():
        if newest and (version.slug != newest.slug or version.version >= newest.version):
            problems.append(Problem("survey.version_order", f"{folder.name}/{VERSIONS}/{path.name}",
                f"This is version {version.version} of “{version.slug}”, "
                f"and no earlier one of version {newest.version} of “{newest.slug}”.",
                "Please raise the version of the newer one, or remove this folder."))  # fmt: skip
        if path.name != str(version.version):
            problems.append(Problem("survey.version_folder", f"{folder.name}/{VERSIONS}/{path.name}",
                f"The folder holds version {version.version}.",
                f"Please call it {version.version}."))  # fmt: skip
    if problems or newest is None:
        raise Refusal(problems)
    return replace(newest, earlier=tuple(sorted(read.values(), key=lambda version: -version.version)))


def read_version(folder: Path, translated: bool = True) -> Survey:
    """Return the one version in a folder, with its own platforms or the content's. Refusal: all faults."""
    return read_survey(folder, _platforms(folder), translated)


def _platforms(folder: Path) -> Path:
    """Return the platforms of a folder: its own, or those of the content that it lies in."""
    near = (above / PLATFORMS for above in (folder, *folder.resolve().parents[:4]))
    return next((path for path in near if path.exists()), folder / PLATFORMS)
