"""Puts the samples in, and takes them out.

A sample is known by its place: pages by slugs that begin with ``amostra-``, files by the
collection "Amostras", videos by their title. What an editor has revised is a sample no more.
"""

from datetime import timedelta
from pathlib import Path

from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.text import slugify
from wagtail.models import Collection, Locale, ReferenceIndex

from goals.models import GoalPage
from news.models import ArticlePage, NewsCategory, NewsIndexPage
from pages.blocks import CellsBlock
from pages.models import (
    HomePage,
    SiteDocument,
    SiteImage,
    VideoCaption,
    VideoFile,
    VideoIndexPage,
    VideoPage,
)

from . import pictures, samples
from .many import remove_untouched

SLUG_PREFIX = "amostra-"
COLLECTION = "Amostras"
FOLDER = Path(__file__).parent


def sample_articles():
    return ArticlePage.objects.filter(slug__startswith=SLUG_PREFIX)


def sample_videos():
    return VideoPage.objects.filter(slug__startswith=SLUG_PREFIX)


def has_samples() -> bool:
    return sample_articles().exists() or sample_videos().exists()


def _slug(title: str) -> str:
    return SLUG_PREFIX + slugify(title.removeprefix("Amostra: "))[:60].strip("-")


class Demo:
    def __init__(self):
        self.locale = Locale.get_default()
        self.home = HomePage.objects.get(locale=self.locale)
        self.news = NewsIndexPage.objects.child_of(self.home).get()
        self.videos = VideoIndexPage.objects.child_of(self.home).get()
        self.goals = list(GoalPage.objects.filter(locale=self.locale).in_order())

    def load(self) -> int:
        self._library()
        self.video = self._file_video()
        self._external_video()
        for number, sample in enumerate(samples.SAMPLES):
            self._article(number, sample)
        if not self.home.featured_video_id:
            self.home.featured_video = self.video
            self.home.save_revision().publish()
        return len(samples.SAMPLES)

    def _library(self):
        root = Collection.get_first_root_node()
        self.collection = root.add_child(name=COLLECTION)
        self.images = [
            SiteImage.objects.create(
                title=title,
                file=pictures.sample_file(title, f"{slugify(title)}.jpg"),
                description=samples.PICTURE_DESCRIPTION,
                credit=samples.PICTURE_CREDIT,
                shows_people=False,
                collection=self.collection,
            )
            for title in samples.PICTURES
        ]
        self.document = SiteDocument.objects.create(
            title="Amostra: documento",
            file=ContentFile(b"Documento de amostra.\n", name="amostra-documento.txt"),
            collection=self.collection,
        )
        self.categories = [
            NewsCategory.objects.get_or_create(
                locale=self.locale, slug=slug, defaults={"name": name}
            )[0]
            for name, slug in samples.CATEGORIES
        ]

    def _file_video(self) -> VideoPage:
        video_file = VideoFile.objects.create(
            title="Amostra: vídeo",
            file=ContentFile((FOLDER / "amostra.mp4").read_bytes(), name="amostra.mp4"),
        )
        for order, language in enumerate(("pt-br", "en", "es")):
            name = f"amostra.{language}.vtt"
            VideoCaption.objects.create(
                video_file=video_file,
                language=language,
                sort_order=order,
                file=ContentFile((FOLDER / name).read_bytes(), name=name),
            )
        return self._publish(
            self.videos,
            VideoPage(
                title="Amostra: vídeo guardado no site",
                slug=_slug("Amostra: vídeo guardado no site"),
                summary="O arquivo fica no site e toca no próprio navegador, com legendas.",
                date=timezone.localdate(),
                duration=12,
                poster=self.images[3],
                video_file=video_file,
                transcript=samples.TRANSCRIPT,
            ),
        )

    def _external_video(self):
        self._publish(
            self.videos,
            VideoPage(
                title="Amostra: vídeo por endereço",
                slug=_slug("Amostra: vídeo por endereço"),
                summary="Fica no YouTube e só é carregado de lá se o visitante pedir.",
                date=timezone.localdate() - timedelta(days=30),
                duration=635,
                poster=self.images[1],
                external_url=samples.EXTERNAL_VIDEO_URL,
                transcript=samples.EXTERNAL_TRANSCRIPT,
            ),
        )

    def _article(self, number: int, sample: samples.Sample):
        noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
        article = ArticlePage(
            title=sample.title,
            slug=_slug(sample.title),
            summary=sample.summary,
            # The first are of these weeks, the last of two years ago.
            date=noon - timedelta(days=1 + number * 3 + number**2),
            category=None if sample.category is None else self.categories[sample.category],
            cover=self.images[number % len(self.images)] if sample.has_cover else None,
            cover_caption="Imagem de amostra" if sample.has_cover else "",
            credits=sample.credits,
            body=[
                samples.NOTICE,
                *(self._block(*block) for block in sample.body),
                *(self._extra(name, number) for name in sample.extras),
            ],
        )
        article.goals = [self.goals[index] for index in sample.goals if index < len(self.goals)]
        self._publish(self.news, article)

    def _block(self, name, value):
        if name == "table":
            value = {"table": self._table(), "first_column_is_header": True}
        return (name, value)

    def _table(self):
        columns = [{"type": "text", "heading": heading} for heading in ("Cidade", "País", "Ano")]
        rows = [{"values": list(row)} for row in samples.SISTER_CITIES]
        return CellsBlock().to_python(
            {"columns": columns, "rows": rows, "caption": samples.SISTER_CITIES_CAPTION}
        )

    def _picture(self, number: int) -> SiteImage:
        image = SiteImage.objects.get(pk=self.images[number % len(self.images)].pk)
        image.contextual_alt_text = image.description
        image.decorative = False
        return image

    def _extra(self, name: str, number: int):
        match name:
            case "image":
                value = {
                    "image": self._picture(number + 3),
                    "caption": "<p>Uma legenda de amostra.</p>",
                }
            case "gallery":
                value = {
                    "title": "Galeria de amostra",
                    "items": [
                        {"image": self._picture(index), "caption": f"Imagem {index + 1}"}
                        for index in range(4)
                    ],
                }
            case "map":
                value = {
                    "image": self._picture(number + 5),
                    "address": "Jundiaí, São Paulo",
                    "url": "https://www.openstreetmap.org/#map=12/-23.18/-46.88",
                    "label": "Abrir Jundiaí no OpenStreetMap",
                }
            case "documents":
                value = {
                    "title": "Documentos de amostra",
                    "items": [{"document": self.document, "description": "Um texto de uma linha."}],
                }
            case "video":
                value = self.video
        return (name, value)

    @staticmethod
    def _publish(parent, page):
        parent.add_child(instance=page)
        page.save_revision().publish()
        return page


class Removal:
    """Takes the samples out, but nothing that an editor made or changed.

    ``kept`` says in words what stayed, and why.
    """

    def __init__(self, force: bool = False):
        self.force = force
        self.kept: list[str] = []
        self.removed = 0

    def run(self):
        self.removed += remove_untouched(sample_articles())
        for page in [*sample_articles(), *sample_videos()]:
            if not self.force and page.revisions.filter(user__isnull=False).exists():
                self.kept.append(f"{page.title}: an editor has revised it")
                continue
            page.delete()
            self.removed += 1
        for video_file in VideoFile.objects.filter(title="Amostra: vídeo", pages__isnull=True):
            files = [caption.file for caption in video_file.captions.all()] + [video_file.file]
            video_file.delete()
            for stored in files:
                stored.delete(save=False)
        self._library()
        slugs = [slug for _name, slug in samples.CATEGORIES]
        NewsCategory.objects.filter(slug__in=slugs, articles__isnull=True).delete()

    def _library(self):
        collection = Collection.objects.filter(name=COLLECTION, depth=2).first()
        if not collection:
            return
        things = [
            *SiteImage.objects.filter(collection=collection),
            *SiteDocument.objects.filter(collection=collection),
        ]
        for thing in things:
            if ReferenceIndex.get_references_to(thing).exists():
                self.kept.append(f"{thing.title}: still used")
            else:
                thing.delete()
        if not (
            SiteImage.objects.filter(collection=collection).exists()
            or SiteDocument.objects.filter(collection=collection).exists()
        ):
            collection.refresh_from_db()
            collection.delete()
