"""From an older revision to the newest, by Alembic: without an ini file, and read only when it is needed.

Not here: the steps themselves (versions), locks, and what has to be cleared away afterwards (the store). The
invariant: everything happens in the transaction of the caller, so that a file is upgraded wholly or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection

from offramp.errors import refuse
from offramp.schema.revision import REVISIONS, STAMP, Kind, found

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

VERSIONS = Path(__file__).parent / "versions"


class Step(NamedTuple):
    """One revision that a file has still to become, and what it is about."""

    revision: str
    about: str


def _script(versions: Path) -> ScriptDirectory:
    # Alembic takes a fifth of a second to import, and whoever serves has no need of it.
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(versions.parent), version_locations=[str(versions)])


def _current(connection: Connection, kind: Kind, place: str, script: ScriptDirectory) -> str:
    revision = found(connection, kind, place)
    if revision and revision not in {known.revision for known in script.walk_revisions()}:
        raise refuse("store.newer", place, f"Its revision {revision} was made by a newer version than this one.",
                     "Please install the newer version.")  # fmt: skip
    return revision


def steps(connection: Connection, kind: Kind, place: str, versions: Path = VERSIONS) -> list[Step]:
    """Return what an upgrade would do, in its order. Refusals: store.newer, store.foreign."""
    script = _script(versions)
    revision = _current(connection, kind, place, script)
    ahead = script.iterate_revisions("head", revision or "base")
    return [Step(step.revision, step.doc) for step in ahead][::-1]


def upgrade(connection: Connection, kind: Kind, place: str, versions: Path = VERSIONS) -> list[Step]:
    """Bring a file to the newest revision; return the steps that it took. Refusals: store.newer, store.foreign."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext

    taken = steps(connection, kind, place, versions)
    if not taken:
        return []
    script = _script(versions)
    environment = EnvironmentContext(Config(), script, fn=lambda now, _: script._upgrade_revs("head", now))
    with environment:
        environment.configure(connection=connection, version_table=STAMP)
        if found(connection, kind, place) == REVISIONS[0]:
            # The first revision had no table to say so in.
            environment.get_context().stamp(script, REVISIONS[0])
        environment.run_migrations(kind=kind.value)
    return taken
