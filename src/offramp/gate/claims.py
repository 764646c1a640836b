"""Claims that no message may make, as data: each row is a language, each entry of it one kind of claim.

Untrue here is that somebody is traced, watched, logged, identified or reported; its denial cannot be promised for
every search engine that shows a message, and no more can secrecy, a cure, or what a court will do. So a message says
nothing about these either way. It calls nobody names, for it knows nobody. Not here: the check itself (honesty).

A word is written as in the language; "*" stands where it may go on, "…" for up to four words between. The rows err
on the side of refusing: whoever translates can always choose another word. A language with a kind left out passes no
text at all until somebody who speaks it has listed that kind too.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Concern(StrEnum):
    """What an untrue claim is about."""

    TRACED = "traced"
    SECRECY = "secrecy"
    CURE = "cure"
    COURT = "court"
    NAMES = "names"


CONCERNS: Mapping[Concern, str] = {
    Concern.TRACED: "that somebody is traced, watched, logged, identified or reported, or is not",
    Concern.SECRECY: "that nobody will ever know, or that nothing is kept",
    Concern.CURE: "that something treats, cures, or is sure to work",
    Concern.COURT: "what the law or other people will do to this person, or will not",
    Concern.NAMES: "what kind of person this is",
}

UNTRUE: Mapping[str, Mapping[Concern, tuple[str, ...]]] = {
    "en": {
        Concern.TRACED: (
            "we", "we re", "we ve", "our", "ours", "us", "your visit*", "this visit", "each visit",
            "every visit", "your screen", "your computer", "your phone*", "your internet", "your provider",
            "your connection", "your browser", "somebody is … watching", "somebody is … looking",
            "someone is", "hide from", "on their way", "agents", "officers", "informed", "computer you",
            "was you", "is known", "trace*", "tracing", "untrace*", "track", "tracks", "tracked",
            "tracking", "log", "logs", "logged", "logging", "monitor*", "surveil*", "spy*", "spied",
            "watching you", "watch you", "being watched", "are watched", "eye on you", "observed",
            "been seen", "we see you", "we can see", "we saw", "is recorded", "are recorded",
            "was recorded", "were recorded", "been recorded", "being recorded", "record your",
            "recorded your", "recording your", "has been noted", "was noted", "on file", "is saved",
            "was saved", "been saved", "is stored", "was stored", "been stored", "are stored",
            "search history", "ip address*", "ip number*", "your address", "your location", "your device",
            "your identity", "your name", "your details", "we have your", "who you are", "where you are",
            "where you live", "find you", "found you", "finding you", "identify you", "identified",
            "know your", "knows your", "report you", "reported", "reporting you", "report … to the",
            "notified", "notify", "alerted", "passed on", "pass on", "passed to", "forwarded",
            "handed over", "investigat*", "flagged", "police*", "authorities", "law enforcement",
            "detective*", "caught", "fingerprint*",
        ),
        Concern.SECRECY: (
            "hidden", "unknown", "forgotten", "unnoticed", "undetected", "discreet*", "no one … ever",
            "nobody … ever", "no one … hear*", "nobody … hear*", "stays here", "stays between", "deleted",
            "erased", "protected by", "anonym*", "confidential*", "incognito", "private", "privately",
            "privacy", "your secret", "stays secret", "stay secret", "remain secret", "remains secret",
            "kept secret", "keep … secret", "in secret", "invisible", "nobody … know*", "no one … know*",
            "nobody … find out", "no one … find out", "nobody … learn", "no one … learn", "nobody … see*",
            "no one … see*", "without anybody", "without anyone", "never be known", "never come out",
            "between us", "between you and us", "no record*", "no data", "nothing … kept",
            "nothing … stored", "nothing … saved", "nothing … recorded", "not kept", "not stored",
            "not saved", "not recorded", "not keep", "never keep", "don t keep", "keep nothing",
            "keeps nothing", "store nothing", "stores nothing", "forget you", "leaves no", "leave no",
            "linked to you", "back to you", "secure", "securely", "safe with us", "safely tell",
        ),
        Concern.CURE: (
            "you will", "you ll", "it will help", "it will work", "it will change", "this will", "going to",
            "definitely", "certainly", "surely", "without fail", "every person who … tried",
            "everybody who … tried", "everyone who", "has helped", "helped every*", "after … days",
            "after … weeks", "after … months", "in … months", "within … months", "within a", "in a week",
            "in a month", "well again", "healthy", "medicine*", "doctor*", "clinic*", "rehab*", "effective",
            "the solution", "permanent*", "completely", "cure", "cures", "cured", "curing", "heal", "heals",
            "healed", "healing", "treatment*", "treat you", "therap*", "diagnos*", "guarantee*", "promise*",
            "will help you", "will make you", "will stop you", "will stop looking", "will free you",
            "free you from", "be free of", "be free from", "you will be free", "will feel better",
            "you will recover", "fully recover*", "will change your", "will go away", "will be gone",
            "will disappear", "will vanish", "for good", "for ever", "forever", "never look again",
            "never want", "never again", "always works", "works every", "works for everybody",
            "works for everyone", "never fails", "cannot fail", "can t fail", "certain to", "sure to",
            "proven", "success rate*", "normal again", "get rid of", "fix you", "fixes", "in … days",
            "in … weeks", "within … days", "within … weeks", "our doctor*", "our counsellor*",
            "our counselor*", "our expert*", "our psycholog*", "our clinic*",
        ),
        Concern.COURT: (
            "you re breaking", "court will", "judge will", "law will", "jailed", "locked up", "behind bars",
            "wife will", "husband will", "partner will", "parents will", "friends will", "children will",
            "neighbours will", "neighbors will", "your wife", "your husband", "your parents",
            "your friends", "your children", "your neighbours", "your career", "will leave you",
            "will hate you", "will be told", "will find out", "sentenced", "guilty of", "trouble",
            "punish you", "sue you", "sued", "arrest*", "prosecut*", "charged", "go to prison",
            "go to jail", "you … prison", "you … jail", "lock you up", "be punished", "will be sentenced",
            "be convicted", "you will be tried", "you broke the law", "you have broken", "you are breaking",
            "you committed", "you have committed", "you … crime", "is not a crime", "no crime",
            "not illegal", "is legal", "did nothing wrong", "done nothing wrong", "nothing will happen",
            "no trouble", "in trouble", "into trouble", "no consequences", "without consequences",
            "no risk", "you are safe", "you will be safe", "you are not at risk", "not be blamed",
            "forgive*", "forgiven", "your family will", "your employer", "your boss", "you will lose",
            "lose your", "ruin your", "destroy your", "everybody will", "everyone will",
        ),
        Concern.NAMES: (
            "you are a", "you re a", "you are an", "you are sick", "you are ill", "belong behind",
            "belong in", "despicable", "wicked", "worthless", "hopeless", "dirty", "rotten", "degenerate*",
            "nonce*", "beast*", "animal", "animals", "twisted", "men like you", "those like you",
            "decent people", "pedo*", "paedo*", "pervert*", "monster*", "sick", "disgust*", "evil",
            "a criminal", "criminals", "offender*", "abuser*", "predator*", "molest*", "deviant*", "creep*",
            "freak*", "filth*", "shame on", "shameful", "be ashamed", "addict*", "disorder*", "mentally",
            "your illness", "sinner*", "porn*", "normal people", "people like you", "your kind",
            "victimless", "just pictures", "only pictures",
        ),
    },
    "ar": {
        Concern.TRACED: (
            "لدينا", "عندنا", "نحن", "لنا", "منا", "بنا", "إلينا", "نعلم", "نعرف", "نستطيع", "زيارتك",
            "بزيارتك", "لزيارتك", "*جهازك*", "*هاتفك*", "*شاشتك*", "*حاسوبك*", "*متصفحك*", "*اتصالك*",
            "*مزود*", "*رقمك*", "*استخدمت", "*نسخة من*", "*الاختباء*", "*ملاحق*", "*في الطريق إليك*",
            "*التعرف*", "*هناك من يشاهد*", "*هناك من يرى*", "*هناك من يتابع*", "*يتابعك*", "*نتابع*",
            "*معروف لد*", "*الجهات المختصة*", "*أمن الدولة*", "*الاستخبارات*", "*كل زائر*", "*كل زيارة*",
            "*تتبع*", "*نتتبع*", "*تعقب*", "*مراقب*", "*نراقب*", "*يراقب*", "*تراقب*", "*رصدك*", "*رصدنا*",
            "*رصد*", "*تجسس*", "*نراك*", "*راينا*", "*سجلنا*", "*تسجيل*", "*نسجل*", "*يسجل*", "*سُجل*",
            "*سجلت*", "*حفظنا*", "*حُفظت*", "*حفظ بحثك*", "*تم حفظ*", "*عنوانك*", "*موقعك*", "*هويتك*",
            "*اسمك*", "*بياناتك*", "*عنوان ip*", "*نعرف من انت*", "*من تكون*", "*من انت*", "*اين انت*",
            "*تعرفنا عليك*", "*تعرفنا إليك*", "*نعرفك*", "*نعرف عنك*", "*سنجدك*", "*العثور عليك*",
            "*ابلغنا*", "*نبلغ*", "*الابلاغ عنك*", "*ابلاغ الشرطة*", "*إبلاغ*", "*إخطار*", "*احالة*",
            "*الشرطة*", "*السلطات*", "*التحقيق*", "*المحقق*", "*بصمتك*", "*بصمات*", "*كُشف*", "*انكشف*",
            "*ضبطك*", "*ضُبط*",
        ),
        Concern.SECRECY: (
            "*مخفي*", "*خفي*", "*متخف*", "*سينسى*", "*لا نجمع*", "*لا نسجل*", "*لا نعرف*", "*لا نسأل*",
            "*أي بيانات*", "*بيانات عنك*", "*معلومات عنك*", "*لا احد … سي*", "*لن يسمع*", "*يبقى بين*",
            "*يبقى هنا*", "*يُمحى*", "*محمي*", "*مشفر*", "*محفوظ*", "*غير معروف*", "*مجهول*", "سري",
            "السري", "*سرية*", "*بسرية*", "*سرك*", "سرا", "*خصوصي*", "*كتمان*", "*لن يعرف*",
            "*لا يعرف احد*", "*لن يعلم*", "*لا احد … يعرف*", "*لا أحد … يعلم*", "*لن يدري*", "*لن يكتشف*",
            "*لن يطلع*", "*دون علم احد*", "*دون أن يعرف*", "*لن يراك*", "*لا يراك*", "*بيننا*",
            "*لا نحتفظ*", "*لا نحفظ*", "*لن نحتفظ*", "*لا يحفظ شيء*", "*لا تحفظ اي*", "*لا يبقى*",
            "*لا نخزن*", "*لا يخزن*", "*بلا اثر*", "*اي اثر*", "*لا اثر*", "*امن تماما*", "*بامان تام*",
            "*اتصال امن*",
        ),
        Concern.CURE: (
            "ست*", "سي*", "سن*", "سوف", "*بالتأكيد*", "*حتما*", "*قطعا*", "*بلا شك*", "*كل من جرب*",
            "*طبيعيا*", "*سليما*", "*صحيحا معاف*", "*بعد … اسابيع*", "*بعد … ايام*", "*بعد … اشهر*",
            "*بعد شهر*", "*بعد اسبوع*", "*خلال شهر*", "*خلال … اشهر*", "*دواء*", "*طبيب*", "*أطباء*",
            "*عيادة*", "فعال", "وفعال", "فعالة", "*الحل*", "*تماما*", "*علاج*", "*يعالج*", "*نعالج*",
            "*سنعالج*", "*تعالج*", "*شفاء*", "*يشفي*", "*تشفى*", "*ستشفى*", "*نشفي*", "*تشخيص*", "*ضمان*",
            "*مضمون*", "*نضمن*", "*يضمن*", "*نعدك*", "*وعد منا*", "*نتعهد*", "*سنساعدك*", "*سيساعدك*",
            "*ستساعدك*", "*سوف نساعدك*", "*سيوقفك*", "*سيحررك*", "*ستتحرر*", "*تحررك*", "*ستتوقف*",
            "*سيختفي*", "*ستختفي*", "*سيزول*", "*ستزول*", "*للابد*", "*إلى الأبد*", "*نهائيا*",
            "*ستشعر بتحسن*", "*سيتحسن*", "*ستتحسن*", "*ينجح دائما*", "*لا يفشل*", "*مع الجميع*",
            "*مع كل الناس*", "*مثبت*", "*نسبة نجاح*", "*نسبة النجاح*", "*خلال … ايام*", "*خلال … اسابيع*",
            "*خلال اسبوع*", "*في … أسابيع*", "*في … أيام*", "*أطباؤنا*", "*معالجونا*", "*خبراؤنا*",
            "*عيادتنا*", "*التخلص من*",
        ),
        Concern.COURT: (
            "*تخالف*", "*المحكمة*", "*القاضي*", "*زوجتك*", "*زوجك*", "*أهلك*", "*أسرتك*", "*عائلتك*",
            "*أصدقاؤك*", "*أصدقائك*", "*جيرانك*", "*أولادك*", "*والداك*", "*مستقبلك*", "*سمعتك*", "*يزج*",
            "*خلف القضبان*", "*مذنب*", "*ذنبك*", "*اعتقال*", "*يعتقل*", "*سيعتقل*", "*توقيفك*", "*القبض*",
            "*ستسجن*", "*السجن ينتظرك*", "*إلى السجن*", "*سجنك*", "*ستعاقب*", "*معاقبتك*", "*سنعاقب*",
            "*عقابك*", "*محاكمتك*", "*ستحاكم*", "*مقاضاتك*", "*إدانتك*", "*ارتكبت*", "*خالفت القانون*",
            "*جريمتك*", "*ليست جريمة*", "*ليس جريمة*", "*غير مخالف*", "*مسموح*", "*لم تخطئ*", "*لم ترتكب*",
            "*لن يحدث شيء*", "*لن يحدث لك*", "*لن يصيبك*", "*لن تعاقب*", "*بلا عواقب*", "*دون عواقب*",
            "*لا عواقب*", "*لا خطر عليك*", "*بلا خطر*", "*في امان*", "*ورطة*", "*مغفور*", "*سيغفر*",
            "*سنغفر*", "*سيسامح*", "*ستفقد*", "*ستخسر*", "*فضيحة*", "*سيعلم الجميع*", "*سيعرف الجميع*",
            "*عائلتك ستعرف*", "*صاحب عملك*", "*رب عملك*",
        ),
        Concern.NAMES: (
            "انت … شخص", "انك", "*مكانهم السجن*", "*سافل*", "*حقير*", "*نجس*", "*وضيع*", "*حيوان*",
            "*خسيس*", "*ساقط*", "*عديم*", "*لا خير فيك*", "*الناس الأسوياء*", "*الناس الطبيعي*", "*سوي*",
            "*الأسوياء*", "*من هم مثلك*", "*مثلك*", "*بيدوفيل*", "*منحرف*", "*شاذ*", "*وحش*", "*مريض*",
            "*مرضك*", "*قذر*", "*مقرف*", "*مقزز*", "*شرير*", "*مجرم*", "معتد", "*المعتدي*", "*مفترس*",
            "*متحرش*", "*مغتصب*", "*عار عليك*", "*العار عليك*", "*اخجل*", "*مدمن*", "*إدمانك*", "*مضطرب*",
            "*مختل*", "*خاطئ*", "اثم", "اثمون", "*إباحي*", "*امثالك*", "*مجرد صور*", "*بلا ضحية*",
            "*بلا ضحايا*",
        ),
    },
    "cs": {
        Concern.TRACED: (
            "sledu*", "sledov*", "stopuj*", "vystopov*", "monitor*", "zaznamen*", "zaznamenáv*", "špehuj*",
            "ip adres*", "vaše adresa", "vaši adresu", "vaše totožnost", "vaši totožnost", "kdo jste",
            "identifik*", "nahlás*", "nahlášen*", "oznámí*", "oznámen*", "polici*", "úřad*", "dopaden*",
        ),
    },
    "de": {
        Concern.TRACED: (
            "verfolg*", "zurückverfolg*", "nachverfolg*", "rückverfolg*", "überwach*", "beobachte*",
            "protokollier*", "aufgezeichnet*", "aufzeichnen*", "gespeichert*", "ip adresse*",
            "deine adresse", "ihre adresse", "deinen standort", "ihren standort", "deine identität",
            "ihre identität", "wer du bist", "wer sie sind", "identifizier*", "gemeldet*", "melden dich",
            "melden sie der", "angezeigt*", "anzeige", "polizei*", "behörde*", "erwischt*", "ausspionier*",
            "ausspäh*",
        ),
    },
    "es": {
        Concern.TRACED: (
            "rastre*", "seguimiento*", "vigila*", "vigilamos", "monitor*", "espía*", "espian*",
            "registrad*", "registramos", "grabad*", "te observa*", "le observa*", "dirección ip",
            "tu dirección", "su dirección", "tu ubicación", "su ubicación", "tu identidad", "su identidad",
            "quién eres", "quién es usted", "identificad*", "identificar*", "denunciad*", "denunciar*",
            "denunciamos", "policía*", "autoridades", "atrapad*", "pillad*",
        ),
    },
    "et": {
        Concern.TRACED: (
            "jälgi*", "jälita*", "jälitu*", "logi", "logitakse", "logitud", "salvestatakse", "salvestati",
            "salvestatud", "valvata*", "valvame", "ip aadress*", "sinu aadress*", "teie aadress*",
            "asukoh*", "sinu isik*", "teie isik*", "kes sa oled", "kes te olete", "tuvasta*", "teatame*",
            "teatatakse", "teatatud", "politsei*", "ametivõim*", "luura*",
        ),
    },
    "fi": {
        Concern.TRACED: (
            "jäljit*", "seurataan*", "seuraamme", "valvo*", "valvot*", "tarkkaill*", "tarkkailemme",
            "kirjataan*", "kirjattu*", "tallennet*", "ip osoit*", "osoitteesi*", "sijaintisi*",
            "henkilöllisyy*", "kuka olet", "tunnist*", "ilmoitetaan*", "ilmoitettu*", "ilmiann*",
            "poliisi*", "viranomai*", "vakoil*",
        ),
    },
    "fr": {
        Concern.TRACED: (
            "trace", "tracé*", "tracer*", "traçons", "traque*", "surveill*", "pist*", "espionn*",
            "est enregistré*", "sont enregistré*", "été enregistré*", "nous enregistr*", "journalis*",
            "suivi à la trace", "vous êtes suivi*", "on vous observe", "vous observons", "adresse ip",
            "votre adresse", "ton adresse", "votre position", "votre identité", "ton identité",
            "qui vous êtes", "qui tu es", "identifié*", "vous identifi*", "t identifi*", "signalé*",
            "dénonc*", "police*", "policier*", "autorités", "repéré*",
        ),
    },
    "it": {
        Concern.TRACED: (
            "tracci*", "rintracci*", "sorvegli*", "monitor*", "spiat*", "spiamo", "registrat*",
            "registriamo", "ti osserv*", "la osserv*", "indirizzo ip", "il tuo indirizzo",
            "il suo indirizzo", "la tua posizione", "la tua identità", "la sua identità", "chi sei",
            "identificat*", "identificar*", "segnalat*", "segnalerem*", "denunciat*", "denuncerem*",
            "polizia*", "autorità", "scopert*",
        ),
    },
    "ja": {
        Concern.TRACED: (
            "*追跡*", "*監視*", "*記録され*", "*記録して*", "*記録しま*", "*ログに残*", "*ログを*",
            "*アクセスログ*", "*ipアドレス*", "*ip アドレス*", "*あなたの住所*", "*居場所*", "*身元*",
            "*特定され*", "*特定しま*", "*特定でき*", "*通報され*", "*通報しま*", "*警察*", "*当局*",
            "*見張*",
        ),
    },
    "nl": {
        Concern.TRACED: (
            "traceer*", "getraceerd*", "traceren", "gevolgd*", "volgen je", "volgen u", "gelogd*", "loggen",
            "vastgelegd*", "geregistreerd*", "registreren", "bewaakt*", "bewaken", "in de gaten",
            "bespied*", "monitor*", "bekeken je", "ip adres*", "jouw adres", "je adres", "uw adres",
            "je locatie", "uw locatie", "je identiteit", "uw identiteit", "wie je bent", "wie u bent",
            "geïdentificeerd*", "identificeren", "aangegeven", "gemeld*", "melden je", "politie*",
            "autoriteit*", "betrapt*",
        ),
    },
    "pl": {
        Concern.TRACED: (
            "śledz*", "śledzeni*", "tropi*", "namierz*", "monitor*", "obserwuj*", "obserwowan*", "zapisano",
            "zapisujemy", "rejestr*", "zarejestr*", "adres ip", "adresu ip", "twój adres",
            "twoja tożsamość", "kim jesteś", "zidentyfik*", "identyfik*", "zgłoszon*", "zgłosimy",
            "zgłaszamy", "doniesi*", "policj*", "władze", "władzom", "przyłapan*", "szpieg*",
        ),
    },
    "pt": {
        Concern.TRACED: (
            "rastre*", "vigia*", "vigiamos", "monitor*", "espia*", "espion*", "registad*", "registrad*",
            "registamos", "registramos", "gravad*", "gravamos", "observad*", "observamos", "endereço ip",
            "seu endereço", "teu endereço", "sua localização", "tua localização", "sua identidade",
            "tua identidade", "quem você é", "quem és", "identificad*", "identificar*", "denunciad*",
            "denunciar*", "polícia*", "autoridades", "apanhad*",
        ),
    },
    "ru": {
        Concern.TRACED: (
            "отслежива*", "отследи*", "отслежен*", "выследи*", "следим", "следят", "слежк*", "слежен*",
            "наблюда*", "мониторинг*", "записан*", "записыва*", "фиксиру*", "зафиксир*", "регистрир*",
            "зарегистр*", "ip адрес*", "ваш адрес", "твой адрес", "ваше местополож*", "ваша личность",
            "вашу личность", "кто вы", "кто ты", "установлена личность", "опозна*", "идентифиц*", "сообщим",
            "сообщено", "донес*", "полици*", "власти", "властям", "органы", "поймат*", "пойман*", "шпион*",
        ),
    },
    "sv": {
        Concern.TRACED: (
            "spåra*", "spåras", "övervak*", "bevaka*", "loggas", "loggad*", "loggar", "registreras",
            "registrera*", "spelas in", "iakttag*", "ip adress*", "din adress", "er adress", "din plats",
            "din identitet", "vem du är", "identifiera*", "anmäld*", "anmäls", "anmäla dig", "rapportera*",
            "polis*", "myndighet*", "avslöjad*", "spionera*",
        ),
    },
    "tl": {
        Concern.TRACED: (
            "sinusubaybayan*", "subaybay*", "minamanmanan*", "minamatyagan*", "binabantayan*",
            "sinusundan*", "natunton*", "tinutunton*", "nakatala*", "itinatala*", "naitala*",
            "inirerekord*", "narekord*", "ip address*", "iyong address", "iyong lokasyon",
            "iyong pagkakakilanlan", "kung sino ka", "nakilala ka", "isinumbong*", "isusumbong*",
            "iniulat*", "iuulat*", "pulis*", "awtoridad*", "nahuli*",
        ),
    },
}  # fmt: skip

# Phrases that say nothing untrue although a claim is part of them; they are taken out before the claims are sought.
HONEST: Mapping[str, tuple[str, ...]] = {
    "en": (
        "tell us", "you will find", "it will be there", "there will be", "is known to", "is hard to", "going to sleep",
        "it is not too late", "us all", "all of us",
    ),
    "ar": (
        "ستة", "ستون", "ستين", "ستجد", "سيطرة", "سياسة", "سيارة", "سيدة", "سير", "سيئ", "سيئة", "سنة", "سنوات",
        "سنين", "سن", "يُرجى إخبارنا", "إخبارنا",
    ),
}  # fmt: skip
