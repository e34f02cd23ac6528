"""Puts the site into every state that the tests of accessibility open: see ``states``.

Run by ``manage.py shell`` on a copy of the site's database; ``PORT`` is where it will be served.
"""

import os
from datetime import timedelta

from django.utils import timezone
from wagtail.models import Locale, Page, PageViewRestriction, Site

from pages.models import HomePage, SiteIdentity, SiteNotice, StandardPage, VideoPage
from tests.builders import full_body

LANGUAGES = {
    "en": ("International cooperation", "About the office", "Accessibility", "Contact", "News"),
    "es": ("Cooperación internacional", "La oficina", "Accesibilidad", "Contacto", "Noticias"),
}
TRANSLATED = ("inicio", "a-assessoria", "acessibilidade", "contato", "noticias")
SUMMARY = "Um resumo com tamanho bastante para dizer do que a página trata."


def publish(page):
    page.save_revision().publish()


Site.objects.update(port=int(os.environ["PORT"]))
SiteIdentity.objects.update(
    email="contato@example.org",
    phone="(11) 0000-0000",
    address="Rua de Exemplo, 1\nJundiaí, SP",
    hours="de segunda a sexta, das 9h às 17h",
    offers_vlibras=True,
)
home = HomePage.objects.get()
publish(
    home.add_child(
        instance=StandardPage(title="Tudo", slug="tudo", summary=SUMMARY, body=full_body())
    )
)
closed = home.add_child(instance=StandardPage(title="Com senha", slug="com-senha", summary=SUMMARY))
publish(closed)
PageViewRestriction.objects.create(
    page=closed, restriction_type=PageViewRestriction.PASSWORD, password="segredo"
)
now = timezone.now()
for number, level in enumerate(("information", "warning", "urgent")):
    SiteNotice.objects.create(
        locale=home.locale,
        level=level,
        text="Na sexta-feira não haverá atendimento na sede da Assessoria.",
        page=None if number else Page.objects.get(slug="contato"),
        start=now - timedelta(hours=1),
        end=now + timedelta(hours=9),
    )
for code, titles in LANGUAGES.items():
    locale = Locale.objects.get(language_code=code)
    for slug, title in zip(TRANSLATED, titles, strict=True):
        page = Page.objects.get(slug=slug, locale=home.locale).specific
        translation = page.copy_for_translation(locale)
        translation.title = title
        publish(translation)
    publish(
        VideoPage.objects.filter(locale=home.locale)
        .first()
        .copy_for_translation(locale, copy_parents=True)
    )
