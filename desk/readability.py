"""How easy a text is to read, told beside Wagtail's checks while it is written, as a hint.

Wagtail's own figure (LIX) is replaced: its limits are those of Swedish, and call most Portuguese
texts complex. The browser sends what the preview shows, so that the syllables are counted in one
place (``pages.readability``).
"""

from django.http import JsonResponse
from django.templatetags.static import static
from django.urls import path
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST
from wagtail import hooks

from pages.readability import LONG_SENTENCE, Readability

#: Characters that are looked at: a book's chapter, more than any page has.
MAX_LENGTH = 200_000
#: Most sentences that are pointed out, and letters of each that are shown.
MAX_SENTENCES, SHOWN = 3, 90


@require_POST
def readability(request):
    """The level of a text in words, and which sentences to cut; empty where it is not measured."""
    measured = Readability(request.POST.get("text", "")[:MAX_LENGTH])
    language = request.POST.get("language", "").lower()
    if not language.startswith("pt") or not measured.is_measurable:
        return JsonResponse({"level": "", "advice": []})
    level = gettext("%(band)s, índice %(score)d") % {
        "band": measured.band,
        "score": round(measured.score),
    }
    return JsonResponse({"level": level, "advice": _advice(measured)})


def _advice(measured: Readability) -> list[str]:
    long = list(measured.long_sentences())
    advice = [
        gettext("%(words)d palavras: “%(sentence)s”")
        % {"words": words, "sentence": Truncator(sentence).chars(SHOWN)}
        for words, sentence in long[:MAX_SENTENCES]
    ]
    if advice:
        count = len(long)
        head = ngettext(
            "Há %(count)d frase com mais de %(most)d palavras. Divida-a em duas:",
            "Há %(count)d frases com mais de %(most)d palavras. Divida-as; as maiores:",
            count,
        )
        advice.insert(0, head % {"count": count, "most": LONG_SENTENCE})
    return advice


@hooks.register("register_admin_urls")
def register_urls():
    return [path("facilidade-de-leitura/", readability, name="desk_readability")]


@hooks.register("insert_editor_js")
def editor_js():
    return format_html('<script src="{}" defer></script>', static("js/admin/readability.js"))
