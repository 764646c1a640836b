"""A small programme for tests, in English and Spanish, built into a folder: every kind of step and of worksheet."""

from __future__ import annotations

from pathlib import Path

import polib

from offramp.language import Tag
from offramp.programme import Programme, read_programme, translated
from offramp.survey import read_version

ES = Tag("es")

DAYS = ", ".join(f'{{ id = "{day}", text = "{day.title()}" }}' for day in (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))  # fmt: skip

PROGRAMME = f'''
slug = "small"
version = 1
state = "draft"
languages = ["es"]
title = "A small way"
about = "Two modules to try things out."
keep_months = 18

[[module]]
id = "begin"
title = "Begin"
about = "Where you are today."
minutes = 20

[[module.step]]
id = "welcome"
kind = "reading"
title = "Welcome"

[[module.step]]
id = "first_check"
kind = "check_in"
title = "How it is now"
page = "start"

[[module.step]]
id = "evening"
kind = "exercise"
form = "chain"
title = "One evening"
[[module.step.question]]
id = "where"
kind = "single"
text = "Where were you?"
options = [{{ id = "home", text = "At home" }}, {{ id = "away", text = "Somewhere else" }}]
other = true
max_length = 60
[[module.step.question]]
id = "told_myself"
kind = "text"
text = "What did you say to yourself?"
max_length = 400
[[module.step.question]]
id = "felt"
kind = "multiple"
text = "What did you feel?"
options = [
  {{ id = "lonely", text = "Lonely" }}, {{ id = "bored", text = "Bored" }},
  {{ id = "none", text = "Nothing", exclusive = true }},
]
[[module.step.question]]
id = "then"
kind = "text"
text = "What came then?"
[[module.step.question]]
id = "way_off"
kind = "text"
text = "What could you have done instead?"

[[module.step]]
id = "log"
kind = "exercise"
form = "urge_log"
title = "Urges of the week"
repeat = true
[[module.step.question]]
id = "log_day"
kind = "single"
text = "On which day was it?"
options = [{DAYS}]
[[module.step.question]]
id = "log_time"
kind = "single"
text = "At what time of day?"
options = [{{ id = "morning", text = "Morning" }}, {{ id = "night", text = "Night" }}]
[[module.step.question]]
id = "log_strength"
kind = "scale"
text = "How strong was it?"
low = 0
high = 10
low_label = "Not at all"
high_label = "Very strong"

[[module]]
id = "stay"
title = "Stay"
about = "What helps you to stay on the way."
minutes = 40

[[module.step]]
id = "company"
kind = "exercise"
form = "plan"
title = "Somebody to talk to"
relevant = "selected(${{felt}}, 'lonely')"
[[module.step.question]]
id = "who"
kind = "text"
text = "Whom could you call, without a name?"
[[module.step.question]]
id = "how_sure"
kind = "number"
text = "How sure are you, in percent?"
low = 0
high = 100

[[module.step]]
id = "last_check"
kind = "check_in"
title = "How it is at the end"
page = "end"

[[module.step]]
id = "my_path"
kind = "worksheet"
title = "Your path"
shows = "path"

[[module.step]]
id = "my_plan"
kind = "worksheet"
title = "Your plan"
shows = "plan"

[[module.step]]
id = "my_calendar"
kind = "worksheet"
title = "Your calendar"
shows = "calendar"

[[module.step]]
id = "my_course"
kind = "worksheet"
title = "Your course"
shows = "course"

[[worksheet]]
id = "path"
kind = "path"
title = "The path of that evening"
{
    "".join(
        f"""
[[worksheet.part]]
id = "{part}"
title = "{part.title()}"
from = ["{question}"]
"""
        for part, question in (
            ("situation", "where"),
            ("thought", "told_myself"),
            ("feeling", "felt"),
            ("urge", "log_strength"),
            ("act", "then"),
            ("after", "how_sure"),
            ("exits", "way_off"),
        )
    )
}
[[worksheet]]
id = "plan"
kind = "plan"
title = "A plan for hard days"
[[worksheet.part]]
id = "people"
title = "People"
from = ["who", "how_sure"]

[[worksheet]]
id = "calendar"
kind = "calendar"
title = "A week of urges"
[[worksheet.part]]
id = "day"
title = "Day"
from = ["log_day"]
[[worksheet.part]]
id = "time"
title = "Time"
from = ["log_time"]
[[worksheet.part]]
id = "strength"
title = "Strength"
from = ["log_strength"]

[[worksheet]]
id = "course"
kind = "course"
title = "How it went"
'''

CHECK_IN = '''
slug = "small-check-in"
version = 1
state = "draft"
languages = ["es"]
title = "How are you?"
[consent]
purpose = "To see whether the way helps."
topics = "Urges and confidence."
minutes = 1
''' + "".join(f'''
[[page]]
id = "{page}"
part = "core"
title = "How it is ({page})"
[[page.question]]
id = "urge_{page}"
kind = "scale"
text = "How strong were urges this week?"
low = 0
high = 10
low_label = "Not at all"
high_label = "Very strong"
{same.format("urge")}
[[page.question]]
id = "hours_{page}"
kind = "single"
text = "How much time did you spend?"
options = [
  {{ id = "none", text = "None" }}, {{ id = "some", text = "One hour or less" }},
  {{ id = "more", text = "More than one hour" }},
]
{same.format("hours")}
''' for page, same in (("start", ""), ("end", 'same_as = "small-check-in:{}_start"')))  # fmt: skip

ENGLISH = {
    "welcome": """## You are here

You can stop. Many people *have* stopped, and you can, too.
[Help now](/{lang}/help) is there at any time.

- Take your time.
- Nobody sees what you write.

> One day after the other.
""",
    "evening": "Think of one evening.\n\n## What to write\n\nA few words are enough.\n",
    "log": "Come back here after each urge. It gets weaker when you look at it.\n",
    "company": "You do not have to do this alone.\n",
    "my_path": "This is what you wrote, in the order in which it came.\n",
}
SPANISH = {
    "welcome": """## Estás aquí

Puedes parar. Muchas personas *han* parado, y tú también puedes.
[Ayuda ahora](/{lang}/help) está siempre ahí.

- Tómate tu tiempo.
- Nadie ve lo que escribes.

> Un día tras otro.
""",
    "evening": "Piensa en una noche.\n\n## Qué escribir\n\nBastan unas pocas palabras.\n",
    "log": "Vuelve aquí después de cada impulso. Se hace más débil cuando lo miras.\n",
    "company": "No tienes que hacer esto a solas.\n",
    "my_path": "Esto es lo que escribiste, en el orden en que ocurrió.\n",
}
WORDS = """
[[language]]
tag = "en"
shaming = ["monster*", "filthy"]
excusing = ["no big deal"]
asking = ["describe the picture*", "your name"]
spared = ["you are not a monster"]
[[language]]
tag = "es"
shaming = ["monstruo*"]
excusing = ["no es para tanto"]
spared = []
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def build(content: Path) -> Path:
    """Write a content folder with the small programme, whole in both languages; return the programme's folder."""
    folder = content / "programmes" / "small"
    write(content / "platforms.toml", "")
    write(content / "programmes" / "words.toml", WORDS)
    write(folder / "programme.toml", PROGRAMME)
    write(folder / "check-in" / "survey.toml", CHECK_IN)
    write(folder / "adaptation.md", "# Adaptation\n\n## Spanish (es)\n\nThe help is that of Spain.\n")
    for tag, texts in (("en", ENGLISH), ("es", SPANISH)):
        for step, text in texts.items():
            write(folder / "text" / tag / f"{step}.md", text)
    english = read_programme(folder, translated=False)
    translate(folder / "locale" / "es.po", english.catalogues[Tag("en")].texts)
    asked = read_version(folder / "check-in", translated=False)
    translate(folder / "check-in" / "locale" / "es.po", asked.catalogues[Tag("en")].texts)
    write(folder / "text" / "es" / "state.toml", translated(folder, ES))
    return folder


def translate(path: Path, texts: object) -> None:
    """Write a PO file in which every text has a word of Spanish before it."""
    po = polib.POFile(encoding="utf-8")
    po.metadata = {"Language": path.stem, "Content-Type": "text/plain; charset=UTF-8"}
    for key, text in dict(texts).items():  # type: ignore[call-overload]
        po.append(polib.POEntry(msgctxt=key, msgid=text, msgstr=f"Así: {text}", tcomment="state: draft"))
    path.parent.mkdir(parents=True, exist_ok=True)
    po.save(str(path))


def small(tmp_path: Path) -> Programme:
    return read_programme(build(tmp_path), strictly=True)
