"""Harmless words that stand in for terms: minerals and plants, chosen because they have ordinary neighbours.

Nothing here means anything but itself. What Debian's dictionaries give is read from where the packages put it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from random import Random
from unicodedata import combining, normalize


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MINERALS = _words("""
agate albite amber anatase andesite apatite azurite barite basalt bauxite beryl biotite borax bornite
breccia brucite calcite carnelian cassiterite celestine chalcedony chalk chert chromite cinnabar citrine
cobalt copper coral corundum cryolite cuprite diamond dolomite emerald enstatite epidote feldspar flint
fluorite galena garnet gibbsite gneiss goethite granite graphite gypsum halite hematite hornblende ilmenite
ironstone jadeite jasper kaolin kyanite lazurite leucite limestone limonite magnetite malachite marble
marcasite mica microcline millerite muscovite nephrite obsidian olivine onyx opal orpiment orthoclase
peridot platinum porphyry pumice pyrite quartz realgar rhodonite ruby rutile sandstone sapphire scheelite
serpentine shale siderite silver slate sodalite sphalerite spinel stibnite sulphur talc topaz tourmaline
travertine turquoise uraninite vanadinite vesuvianite willemite witherite wolframite wulfenite zeolite zinc
zircon zoisite
""")

PLANTS = _words("""
acacia alder almond aloe anemone angelica apple apricot arnica artichoke ash aspen aster azalea bamboo
barley basil bay bean beech beet begonia bilberry birch blackthorn bluebell borage bracken bramble broom
buckthorn burdock buttercup cabbage cactus camellia campion carrot catmint cedar celandine chamomile cherry
chestnut chicory clematis clover comfrey coriander cowslip crocus cypress daffodil dahlia daisy dandelion
dill dock dogwood elder elm fennel fern feverfew flax foxglove fuchsia garlic gentian geranium ginger gorse
hawthorn hazel heather hellebore hemlock hibiscus holly hop hornbeam hyacinth hyssop iris ivy jasmine
juniper laburnum larch laurel lavender lettuce lichen lilac lily linden lotus lupin magnolia mallow maple
marigold marjoram meadowsweet mint mistletoe moss mugwort mulberry mustard myrtle nettle nightshade oak oat
olive onion orchid oregano pansy parsley parsnip peony pepper petunia pine plantain plum poplar poppy
primrose privet quince ragwort reed rhubarb rose rosemary rowan rush saffron sage samphire savory saxifrage
sedge snowdrop sorrel speedwell spinach spruce spurge strawberry sunflower sycamore tansy tarragon teasel
thistle thyme tulip turnip valerian verbena violet walnut wheat willow wisteria wormwood yarrow yew
""")

ARABIC = _words("""
ياقوت زمرد ألماس فيروز عقيق مرجان لؤلؤ نعناع ياسمين زعتر إكليل أقحوان زنجبيل كمون ريحان سوسن قرفة زيتون
صنوبر كافور كبريت زئبق رمان ميرمية
""")
CYRILLIC = _words("""
малахит гранит кварц изумруд аметист янтарь ромашка василёк крапива подорожник одуванчик шиповник боярышник
берёза рябина черёмуха лаванда незабудка
""")
KANA = _words("""
アジサイ ヒマワリ タンポポ アサガオ ツバキ キキョウ スミレ ラベンダー
コスモス ドクダミ ヨモギ ルビー サファイア トパーズ ダイヤモンド ガーネット
""")
GERMAN = _words("""
weißdorn gänseblümchen großblütig straußgras süßholz weißklee nußbaum preißelbeere eisenhut sauerampfer
""")

DICTIONARIES = {
    "en": "american-english", "de": "ngerman", "fr": "french", "es": "spanish", "it": "italian", "nl": "dutch",
    "pt": "portuguese", "sv": "swedish", "da": "danish", "pl": "polish", "uk": "ukrainian", "bg": "bulgarian",
}  # fmt: skip
FOLDER = Path("/usr/share/dict")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def _without_marks(word: str) -> str:
    return word if word.isascii() else "".join(c for c in normalize("NFKD", word) if not combining(c))


@cache
def dictionary(language: str) -> tuple[str, ...]:
    """Return the words of a Debian dictionary as it writes them; ops/install/dictionaries.sh installs it."""
    body = (FOLDER / DICTIONARIES[language]).read_bytes()
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("latin-1")  # the Swedish one is older than UTF-8
    return tuple(sorted({line for line in text.split("\n") if _WORD.fullmatch(line)}))


def invented(number: int, seed: int = 1, language: str = "en") -> list[str]:
    """Return words that are in no dictionary here, made of the letters of one language as they follow each other."""
    own = {word.casefold() for word in dictionary(language)}
    known = {_without_marks(word) for word in own} | {
        _without_marks(word.casefold()) for word in dictionary("en")
    }
    follows: defaultdict[str, list[str]] = defaultdict(list)
    for word in sorted(own)[::3]:
        if word.isalpha():
            for place in range(len(word) + 1):
                follows[f"^^{word}$"[place : place + 2]].append(f"^^{word}$"[place + 2])
    random, made = Random(seed), set[str]()
    while len(made) < number:
        word = "^^"
        while not word.endswith("$") and len(word) < 16:
            word += random.choice(follows[word[-2:]])
        word = word[2:].rstrip("$")
        if 5 <= len(word) <= 13 and _without_marks(word) not in known:
            made.add(word)
    return sorted(made)
