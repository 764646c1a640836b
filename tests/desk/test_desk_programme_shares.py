"""The report of a programme prints shares and not what they are shares of: these counts are worked out, too.

Read off the page, turned back into counts, and solved for whole numbers; no count of one to nine may be known to within
fewer than five values.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from offramp.desk.codebook import Variable, codebook
from offramp.desk.sentences import percent
from offramp.survey import Body, join
from tests.desk.reader import ANYTHING, MARK, Constraint, Ranges
from tests.desk.reader_whole import with_rests
from tests.desk.solver import Worlds, pinned
from tests.desk.studies import bodies
from tests.desk.test_desk_programme import check_in, made


def behind(n: str) -> tuple[int, int]:
    return (0, ANYTHING) if n == MARK else (max(10, int(n) - 2), int(n) + 2)


def behind_share(share: str, n: str) -> tuple[int, int]:
    """Return what a share can be of, where its base is printed."""
    if share == MARK:
        return (0, ANYTHING)
    told = int(share.rstrip("%\N{NO-BREAK SPACE}"))
    fitting = [k for k in range(0, int(n) + 1, 5) if percent(k, int(n)) == told]
    return max(10, fitting[0] - 2), fitting[-1] + 2


def read(study: list[Body], pages: list[str]) -> Ranges:
    """Return what each count can be by what is printed of it alone."""
    tree, ranges = made(study, {}), {}
    for page, row in zip(pages, tree.xpath("//table[@class='reached']/tbody/tr"), strict=True):
        ranges[page] = behind(row[1].text_content())
    for place, table in enumerate(tree.xpath("//table[@class='course']")):
        for page, row in zip(pages, table.xpath("./tbody/tr"), strict=True):
            cells = [cell.text_content() for cell in row]
            for who, n, share in (("all", *cells[1:3]), ("completers", *cells[3:5])):
                ranges[f"{page} {place} {who}"] = behind(n)
                ranges[f"{page} {place} {who} counted"] = behind_share(share, n)
    return ranges


def is_counted(variable: Variable, code: str) -> bool:
    """Say again what the page says under each question: the upper half of a scale, or the first answer."""
    if variable.kind == "scale":
        return int(code) * 2 >= max(map(int, variable.codes))
    return code in variable.categories[0].codes


def truth_of(study: list[Body], pages: list[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    by_page = {page: [v for v in codebook(check_in()) if v.page == page and v.categories] for page in pages}
    for response in join(check_in(), study):
        codes = {v.id: response.codes[v.id] for own in by_page.values() for v in own}  # type: ignore[index]
        given = {page: any(isinstance(codes[v.id], tuple) for v in own) for page, own in by_page.items()}
        for page, own in by_page.items():
            counts[page] += given[page]
            for place, variable in enumerate(own):
                found = codes[variable.id]
                for who in ("all", *(["completers"] if given[pages[-1]] else [])):
                    if isinstance(found, tuple):
                        counts[f"{page} {place} {who}"] += 1
                        counts[f"{page} {place} {who} counted"] += any(
                            is_counted(variable, code) for code in found
                        )
    return counts


def known(ranges: Ranges, pages: list[str]) -> list[Constraint]:
    """Write down how these counts hang together; the rest of each is a count as well."""
    found = []
    for page in pages:
        places = sorted({name.split()[1] for name in ranges if name.startswith(f"{page} ")})
        for name in (f"{page} {place}" for place in places):
            one, some = f"{name} all", f"{name} completers"
            pairs = ((page, one), (pages[-1], some), (one, some), (one, f"{one} counted"), (some, f"{some} counted"),
                     (f"{one} counted", f"{some} counted"))  # fmt: skip
            found += [Constraint((large,), (small,), 0, ANYTHING) for large, small in pairs]
            # Those who are no completers and whose answer is not counted.
            found.append(Constraint((one, f"{some} counted"), (some, f"{one} counted"), 0, ANYTHING))
    return found


@pytest.mark.parametrize("how_many", [2, pytest.param(40, marks=pytest.mark.full)])
def test_no_small_count_can_be_worked_out_from_shares(how_many: int):
    random, pages, tried = Random("shares"), [page.id for page in check_in().pages], 0
    for number in range(how_many):
        leave = random.choice((0.1, 0.3, 0.4))
        study = bodies(check_in(), number, random.randrange(105, 180), leave=leave, skip=0.15)
        ranges, truth = read(study, pages), truth_of(study, pages)
        rules, rests = with_rests(known(ranges, pages), truth)
        ranges |= dict.fromkeys(rests, (0, ANYTHING))
        most = len({body.context.response for body in study})
        ranges = {name: (low, min(high, most)) for name, (low, high) in ranges.items()}
        assert all(low <= truth[name] <= high for name, (low, high) in ranges.items())
        targets = [name for name in ranges if 1 <= truth[name] <= 9]
        assert pinned(Worlds(ranges, rules), truth, targets, random) == {}
        tried += len(targets)
    assert tried > 20 * how_many
