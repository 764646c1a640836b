"""Claims that no message may make, as data: that somebody is traced, watched, logged, identified or reported.

Such a claim is untrue here, and its denial cannot be promised for every search engine that shows a message, so
a message says nothing about it either way. Not here: the check itself (messages). One row for each language that
the house can speak; a word is written as in the language, "*" stands where the word may go on. The rows err on
the side of refusing: whoever translates can always choose another word.
"""

from __future__ import annotations

from collections.abc import Mapping

UNTRUE: Mapping[str, tuple[str, ...]] = {
    "en": (
        "trace*", "tracing", "track", "tracks", "tracked", "tracking", "log", "logs", "logged", "logging",
        "monitor*", "surveil*", "spy*", "spied", "watching you", "watch you", "being watched", "are watched",
        "been seen", "we see you", "is recorded", "are recorded", "was recorded", "been recorded", "being recorded",
        "record your", "recorded your", "recording your", "ip address*", "your address", "your location",
        "your identity", "who you are", "identify you", "identified", "report you", "reported to", "been reported",
        "be reported", "reporting you", "police*", "authorities", "law enforcement", "caught", "fingerprint*",
    ),
    "ar": (
        "*تتبع*", "*نتتبع*", "*تعقب*", "*مراقب*", "*نراقب*", "*يراقب*", "*تراقب*", "*رصدك*", "*رصدنا*", "*تجسس*",
        "*سجلنا*", "*تسجيل*", "*نسجل*", "*يسجل*", "*عنوانك*", "*موقعك*", "*هويتك*", "*نعرف من انت*", "*تعرفنا عليك*",
        "*ابلغنا*", "*نبلغ*", "*الابلاغ عنك*", "*ابلاغ الشرطة*", "*الشرطة*", "*السلطات*", "*بصمتك*", "*بصمات*",
    ),
    "cs": (
        "sledu*", "sledov*", "stopuj*", "vystopov*", "monitor*", "zaznamen*", "zaznamenáv*", "špehuj*", "ip adres*",
        "vaše adresa", "vaši adresu", "vaše totožnost", "vaši totožnost", "kdo jste", "identifik*", "nahlás*",
        "nahlášen*", "oznámí*", "oznámen*", "polici*", "úřad*", "dopaden*",
    ),
    "de": (
        "verfolg*", "zurückverfolg*", "nachverfolg*", "rückverfolg*", "überwach*", "beobachte*", "protokollier*",
        "aufgezeichnet*", "aufzeichnen*", "gespeichert*", "ip adresse*", "deine adresse", "ihre adresse",
        "deinen standort", "ihren standort", "deine identität", "ihre identität", "wer du bist", "wer sie sind",
        "identifizier*", "gemeldet*", "melden dich", "melden sie der", "angezeigt*", "anzeige", "polizei*", "behörde*",
        "erwischt*", "ausspionier*", "ausspäh*",
    ),
    "es": (
        "rastre*", "seguimiento*", "vigila*", "vigilamos", "monitor*", "espía*", "espian*", "registrad*",
        "registramos", "grabad*", "te observa*", "le observa*", "dirección ip", "tu dirección", "su dirección",
        "tu ubicación", "su ubicación", "tu identidad", "su identidad", "quién eres", "quién es usted",
        "identificad*", "identificar*", "denunciad*", "denunciar*", "denunciamos", "policía*", "autoridades",
        "atrapad*", "pillad*",
    ),
    "et": (
        "jälgi*", "jälita*", "jälitu*", "logi", "logitakse", "logitud", "salvestatakse", "salvestati", "salvestatud",
        "valvata*", "valvame",
        "ip aadress*", "sinu aadress*", "teie aadress*", "asukoh*", "sinu isik*", "teie isik*", "kes sa oled",
        "kes te olete", "tuvasta*", "teatame*", "teatatakse", "teatatud", "politsei*", "ametivõim*", "luura*",
    ),
    "fi": (
        "jäljit*", "seurataan*", "seuraamme", "valvo*", "valvot*", "tarkkaill*", "tarkkailemme", "kirjataan*",
        "kirjattu*", "tallennet*", "ip osoit*", "osoitteesi*", "sijaintisi*",
        "henkilöllisyy*", "kuka olet", "tunnist*", "ilmoitetaan*", "ilmoitettu*", "ilmiann*", "poliisi*",
        "viranomai*", "vakoil*",
    ),
    "fr": (
        "trace", "tracé*", "tracer*", "traçons", "traque*", "surveill*", "pist*", "espionn*", "est enregistré*",
        "sont enregistré*", "été enregistré*",
        "nous enregistr*",
        "journalis*", "suivi à la trace", "vous êtes suivi*", "on vous observe", "vous observons", "adresse ip",
        "votre adresse", "ton adresse", "votre position", "votre identité", "ton identité", "qui vous êtes",
        "qui tu es", "identifié*", "vous identifi*", "t identifi*", "signalé*", "dénonc*", "police*", "policier*",
        "autorités", "repéré*",
    ),
    "it": (
        "tracci*", "rintracci*", "sorvegli*", "monitor*", "spiat*", "spiamo", "registrat*", "registriamo",
        "ti osserv*", "la osserv*", "indirizzo ip", "il tuo indirizzo", "il suo indirizzo", "la tua posizione",
        "la tua identità", "la sua identità", "chi sei", "identificat*", "identificar*", "segnalat*", "segnalerem*",
        "denunciat*", "denuncerem*", "polizia*", "autorità", "scopert*",
    ),
    "ja": (
        "*追跡*", "*監視*", "*記録され*", "*記録して*", "*記録しま*", "*ログに残*", "*ログを*", "*アクセスログ*",
        "*ipアドレス*", "*ip アドレス*",
        "*あなたの住所*", "*居場所*", "*身元*", "*特定され*", "*特定しま*", "*特定でき*", "*通報され*", "*通報しま*",
        "*警察*", "*当局*", "*見張*",
    ),
    "nl": (
        "traceer*", "getraceerd*", "traceren", "gevolgd*", "volgen je", "volgen u", "gelogd*", "loggen",
        "vastgelegd*", "geregistreerd*", "registreren", "bewaakt*", "bewaken", "in de gaten", "bespied*", "monitor*",
        "bekeken je", "ip adres*", "jouw adres", "je adres", "uw adres", "je locatie", "uw locatie",
        "je identiteit", "uw identiteit", "wie je bent", "wie u bent", "geïdentificeerd*", "identificeren",
        "aangegeven", "gemeld*", "melden je", "politie*", "autoriteit*", "betrapt*",
    ),
    "pl": (
        "śledz*", "śledzeni*", "tropi*", "namierz*", "monitor*", "obserwuj*", "obserwowan*", "zapisano", "zapisujemy",
        "rejestr*", "zarejestr*", "adres ip", "adresu ip", "twój adres", "twoja tożsamość", "twoją tożsamość",
        "kim jesteś", "zidentyfik*", "identyfik*", "zgłoszon*", "zgłosimy", "zgłaszamy", "doniesi*", "policj*",
        "władze", "władzom", "przyłapan*", "szpieg*",
    ),
    "pt": (
        "rastre*", "vigia*", "vigiamos", "monitor*", "espia*", "espion*", "registad*", "registrad*", "registamos",
        "registramos", "gravad*", "gravamos", "observad*", "observamos", "endereço ip", "seu endereço", "teu endereço",
        "sua localização", "tua localização", "sua identidade", "tua identidade", "quem você é", "quem és",
        "identificad*", "identificar*", "denunciad*", "denunciar*", "polícia*", "autoridades", "apanhad*",
    ),
    "ru": (
        "отслежива*", "отследи*", "отслежен*", "выследи*", "следим", "следят", "слежк*", "слежен*", "наблюда*",
        "мониторинг*", "записан*", "записыва*", "фиксиру*", "зафиксир*", "регистрир*", "зарегистр*", "ip адрес*",
        "ваш адрес", "твой адрес", "ваше местополож*", "ваша личность", "вашу личность", "кто вы", "кто ты",
        "установлена личность", "опозна*", "идентифиц*", "сообщим", "сообщено", "донес*", "полици*", "власти",
        "властям",
        "органы", "поймат*", "пойман*", "шпион*",
    ),
    "sv": (
        "spåra*", "spåras", "övervak*", "bevaka*", "loggas", "loggad*", "loggar", "registreras", "registrera*",
        "spelas in", "iakttag*", "ip adress*", "din adress", "er adress", "din plats",
        "din identitet", "vem du är", "identifiera*", "anmäld*", "anmäls", "anmäla dig", "rapportera*", "polis*",
        "myndighet*", "avslöjad*", "spionera*",
    ),
    "tl": (
        "sinusubaybayan*", "subaybay*", "minamanmanan*", "minamatyagan*", "binabantayan*", "sinusundan*",
        "natunton*", "tinutunton*", "nakatala*", "itinatala*", "naitala*", "inirerekord*", "narekord*", "ip address*",
        "iyong address", "iyong lokasyon", "iyong pagkakakilanlan", "kung sino ka", "nakilala ka", "isinumbong*",
        "isusumbong*", "iniulat*", "iuulat*", "pulis*", "awtoridad*", "nahuli*",
    ),
}  # fmt: skip
