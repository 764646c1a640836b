"""Letters that look like a Latin letter, digit or sign, as data; written by ops/unicode/make_lookalikes.py.

Not here: when a look-alike counts (oddity, reveal). The invariant: every row holds single letters that NFKC does not
make ASCII.
Source: confusables of Unicode Technical Standard #39, from confusable-homoglyphs 3.3.1, read with the names and
categories of Unicode 14.0.0. Copyright © Unicode, Inc., used under the Unicode License v3 (see
https://www.unicode.org/license.txt); the package that carries the data is under the MIT licence.
"""

from __future__ import annotations

from collections.abc import Mapping

LOOKALIKES: Mapping[str, str] = {
    "!": "ǃⵑ",
    "+": "𐊛",
    "2": "ƧϨᒿꙄꝚ",
    "3": "ƷȜЗӠⳌꝪꞫ𑣊𖼻",
    "4": "Ꮞ𑢯",
    "5": "Ƽ𑢻",
    "6": "бᏮⳒ𑣕",
    "7": "𐓒𑣆",
    "8": "Ȣȣ𐌚",
    "9": "ⳊꝮ𑢬𑣌𑣖",
    "<": "ᐸᚲ",
    "a": "ɑΑαАаᎪᗅᴀꓮꭺ𐊠𖽀𝚨𝛂𝛢𝛼𝜜𝜶𝝖𝝰𝞐𝞪",
    "b": "ƄʙΒВЬвᏏᏴᏼᑲᖯᗷꓐꞴ𐊂𐊡𐌁𝚩𝛣𝜝𝝗𝞑",
    "c": "ϲϹСсᏟᴄⲤⲥꓚꮯ𐊢𐌂𐐕𐐽𐔜",
    "d": "ԁᎠᏧᑯᗞᗪᴅꓒꓓꭰ",
    "e": "ΕЕеҽᎬᴇⴹꓰꬲꭼ𐊆𑢦𑢮𝚬𝛦𝜠𝝚𝞔",
    "f": "ϜքᖴẝꓝꜰꞘꞙꬵ𐊇𐊥𐔥𑢢𑣂𝟊",
    "g": "ƍɡɢԌԍցᏀᏳᏻᶃꓖꮐ",
    "h": "ʜΗНнһհᎻᏂᕼⲎꓧꮋ𐋏𝚮𝛨𝜢𝝜𝞖",
    "i": "ıɩɪͺιіӏᎥιꙇꭵ𑣃𝚤𝛊𝜄𝜾𝝸𝞲",
    "j": "ͿϳЈјᎫᒍᴊꓙꞲꭻ",
    "k": "ĸΚКᏦᛕᴋⲔꓗ𐔘𝚱𝛫𝜥𝝟𝞙",
    "l": "ƖǀʟΙІӀᏞᒪᛁⲒⳐⳑⵏꓡꓲꮮ𐊊𐌉𐐛𐑃𐔦𑢣𑢲𖼖𖼨𝚰𝛪𝜤𝝞𝞘",
    "m": "ʍΜϺМᎷᗰᛖᴍⲘꓟ𐊰𐌑𝚳𝛭𝜧𝝡𝞛",
    "n": "ɴΝոռⲚꓠ𐔓𝚴𝛮𝜨𝝢𝞜",
    "o": "ΟοσОоՕօଠഠဝჿዐᴏᴑⲞⲟⵔꓳꬽ𐊒𐊫𐐄𐐬𐓂𐓪𐔖𑢵𑣈𑣗𝚶𝛐𝛔𝛰𝜊𝜎𝜪𝝄𝝈𝝤𝝾𝞂𝞞𝞸𝞼",
    "p": "ΡρϱРрᏢᑭᴘᴩⲢⲣꓑꮲ𐊕𝚸𝛒𝛠𝛲𝜌𝜚𝜬𝝆𝝔𝝦𝞀𝞎𝞠𝞺𝟈",
    "q": "ԛգզⵕꞯ",
    "r": "ƦʀгᎡᏒᖇᴦⲅꓣꭇꭈꭱꮁꮢ𐒴𖼵",
    "s": "ƽЅѕՏᏕᏚꓢꜱꮪ𐊖𐐠𐑈𑣁𖼺",
    "t": "ΤτТтᎢᴛⲦꓔꭲ𐊗𐊱𐌕𑢼𖼊𝚻𝛕𝛵𝜏𝜯𝝉𝝩𝞃𝞣𝞽",
    "u": "ʋυՍսሀᑌᴜꓴꞟꭎꭒ𐓎𐓶𑢸𑣘𖽂𝛖𝜐𝝊𝞄𝞾",
    "v": "νѴѵᏙᐯᴠⴸꓦꛟꮩ𐔝𑜆𑢠𑣀𖼈𝛎𝜈𝝂𝝼𝞶",
    "w": "ɯѡԜԝաᎳᏔᴡꓪꮃ𑜊𑜎𑜏",
    "x": "ΧХхᕁᕽᚷⲬⵝꓫꞳ𐊐𐊴𐌗𐔧𝚾𝛸𝜲𝝬𝞦",
    "y": "ɣʏΥγϒУуҮүყᎩᎽᶌỿℽⲨꓬꭚ𐊲𑢤𑣜𖽃𝚼𝛄𝛶𝛾𝜰𝜸𝝪𝝲𝞤𝞬",
    "z": "ΖᏃᴢꓜꮓ𑢩𑣄𝚭𝛧𝜡𝝛𝞕",
    "€": "Ꞓ",
}
