"""The program that writes commands.md from the command line itself. Run it after changing a command or an option:

    python docs/reference/make_commands.py

A test compares the page with what this program would write, so that the page cannot drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import typer

from offramp.cli import app

# Typer brings its own copy of click, so the types of commands and parameters have no public name.
Command: TypeAlias = Any
Parameter: TypeAlias = Any
PAGE = Path(__file__).with_name("commands.md")
HEAD = """# Commands

Written by `docs/reference/make_commands.py` from the command line itself; please do not edit this page by hand.
Faults are printed as `[place] what is wrong. Please either …, or ….`, and the exit code is then 2.
"""


def page() -> str:
    """Return the whole page."""
    root = typer.main.get_command(app)
    return HEAD + "".join(
        section for path, command in commands(root, "offramp") for section in describe(path, command)
    )


def commands(command: Command, path: str) -> Iterator[tuple[str, Command]]:
    """Yield every command that can be typed, with all its words."""
    subcommands = getattr(command, "commands", None)
    if subcommands is None:
        yield path, command
        return
    for name in sorted(subcommands):
        if not subcommands[name].hidden:
            yield from commands(subcommands[name], f"{path} {name}")


def describe(path: str, command: Command) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    written = " ".join(_argument(argument) for argument in arguments)
    yield f"\n## `{f'{path} {written}'.strip()}`\n\n{_line(command.help)}\n"
    rows = [row(p) for p in command.params if not getattr(p, "hidden", False) and "--help" not in p.opts]
    if rows:
        yield "\n| | | default |\n|---|---|---|\n" + "".join(rows)


def row(parameter: Parameter) -> str:
    """Return one line of the table of a command."""
    names = [parameter.name.upper() if parameter.param_type_name == "argument" and parameter.name else ""]
    if parameter.param_type_name == "option":
        names = [*parameter.opts, *parameter.secondary_opts]
    means = _line(getattr(parameter, "help", None))
    if parameter.envvar:
        variable = parameter.envvar if isinstance(parameter.envvar, str) else ", ".join(parameter.envvar)
        means += f" Also the variable `{variable}`."
    return f"| {', '.join(f'`{name}`' for name in names)} | {means} | {_default(parameter)} |\n"


def _default(parameter: Parameter) -> str:
    if parameter.required:
        return "must be given"
    if parameter.default is None or parameter.default is False or parameter.default in ("", ()):
        return ""
    return "on" if parameter.default is True else f"`{parameter.default}`"


def _argument(argument: Parameter) -> str:
    name = (argument.name or "").upper() + ("…" if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
