"""Pages for the tests, made as an editor would make them."""

from datetime import datetime, timedelta

import factory
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail_factories import PageFactory

from contact.models import ContactMessage, ContactPage
from news.models import ArchiveMonth, ArticlePage, NewsCategory
from pages.blocks import BodyBlock
from pages.models import StandardPage, VideoPage


class ArticleFactory(PageFactory):
    class Meta:
        model = ArticlePage
        skip_postgeneration_save = True

    title = factory.Sequence(lambda number: f"Notícia {number}")
    slug = factory.Sequence(lambda number: f"noticia-{number}")
    summary = "Um resumo."
    date = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def goals(self, create, goals, **kwargs):
        if create and goals:
            self.goals.set(goals)
            self.save()


class StandardPageFactory(PageFactory):
    class Meta:
        model = StandardPage

    summary = "Um resumo com tamanho bastante para dizer do que a página trata."


class VideoPageFactory(PageFactory):
    class Meta:
        model = VideoPage

    title = factory.Sequence(lambda number: f"Vídeo {number}")
    slug = factory.Sequence(lambda number: f"video-{number}")
    date = factory.LazyFunction(lambda: timezone.localdate())


class NewsCategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = NewsCategory

    name = factory.Sequence(lambda number: f"Assunto {number}")
    slug = factory.Sequence(lambda number: f"assunto-{number}")


class ContactMessageFactory(factory.django.DjangoModelFactory):
    """What a visitor wrote; ``page`` is the contact page in Portuguese."""

    class Meta:
        model = ContactMessage

    page = factory.LazyFunction(lambda: ContactPage.objects.get(locale__language_code="pt-br"))
    name = "Maria"
    email = factory.Sequence(lambda number: f"maria-{number}@example.org")
    subject = "Visita a Jundiaí"
    text = "Queremos visitar a cidade."
    language_code = "pt-br"
    nonce = factory.Sequence(lambda number: f"nonce-{number}")
    consent_version = 1
    consented_at = factory.LazyFunction(timezone.now)
    keep_until = factory.LazyAttribute(lambda message: message.consented_at + timedelta(days=180))


class PersonFactory(factory.django.DjangoModelFactory):
    """Someone of the office; ``role`` is the name of a group."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"pessoa-{number}")
    first_name = "Pessoa"
    last_name = factory.Sequence(lambda number: f"Número {number}")
    email = factory.LazyAttribute(lambda person: f"{person.username}@example.org")

    @factory.post_generation
    def role(self, create, role, **kwargs):
        if role:
            self.groups.add(Group.objects.get(name=role))


def full_body() -> list[tuple]:
    """A body with every block, and links to pages and documents in several of its texts."""
    block = BodyBlock()
    values = []
    for name, child in block.child_blocks.items():
        value = child.get_preview_value()
        values.append((name, value if value is not None else child.get_default()))
    page = StandardPage.objects.get(slug="contato")
    document = get_document_model().objects.first()
    text = (
        f'<p><a linktype="page" id="{page.pk}">Contato</a> '
        f'<a linktype="document" id="{document.pk}">Lei</a></p>'
    )
    call = block.child_blocks["call_to_action"]
    own = {**call.get_preview_value(), "external_url": "", "page": page}
    return [
        *values,
        ("call_to_action", own),
        ("paragraph", text),
        ("paragraph", text),
        ("fact_box", {"title": "Quadro", "text": text}),
    ]


def add_many_articles(index, count: int, until: datetime | None = None) -> None:
    """``count`` published articles below ``index``, inserted in bulk for listings to cope with.

    One an hour, the last of them an hour before ``until``, by default now.
    """
    last = index.get_children().order_by("-path").first()
    number = Page._str2int(last.path[-Page.steplen :]) if last else 0
    category = NewsCategory.objects.filter(locale_id=index.locale_id).first()
    cover = get_image_model().objects.first()
    kind = ContentType.objects.get_for_model(ArticlePage)
    until = until or timezone.now()
    pages = Page.objects.bulk_create(
        Page(
            path=Page._get_path(index.path, index.depth + 1, number + extra),
            depth=index.depth + 1,
            title=f"Notícia em massa {extra}",
            draft_title=f"Notícia em massa {extra}",
            slug=f"em-massa-{extra}",
            url_path=f"{index.url_path}em-massa-{extra}/",
            locale_id=index.locale_id,
            content_type=kind,
            live=True,
        )
        for extra in range(1, count + 1)
    )
    for extra, page in enumerate(pages, start=1):
        ArticlePage(
            page_ptr=page,
            summary="Um resumo.",
            date=until - timedelta(hours=extra),
            category=category,
            cover=cover,
        ).save_base(raw=True, force_insert=True)
    type(index).objects.filter(pk=index.pk).update(numchild=index.numchild + count)
    ArchiveMonth.objects.recount(index)


def empty(index) -> None:
    """Take all articles off the site at once: to delete them one by one takes a second."""
    Page.objects.filter(pk__in=ArticlePage.objects.values("pk")).update(live=False)
    ArchiveMonth.objects.recount(index)
