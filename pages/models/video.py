import mimetypes
from dataclasses import dataclass
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable
from wagtail.search import index

from ..blocks import PARAGRAPH_FEATURES, BodyBlock
from ..external_video import ExternalVideo, parse_external_video, validate_external_video
from ..languages import html_language
from ..library.addresses import VersionedFile
from ..pagination import PARAMETER, note_if_linked, paginate
from ..picture import SHARING_SPEC, prefetch_renditions
from ..publicity import PublicityMixin
from ..rich_text_languages import LANGUAGE_FEATURES
from ..structured_data import without_blanks
from ..webvtt import validate_webvtt
from .base import SitePage, SitePageManager, SitePageQuerySet

#: Largest video that may be uploaded, in bytes.
MAX_VIDEO_SIZE = 200 * 1024 * 1024
#: Largest caption file, in bytes: a feature film's captions take about 100 KB.
MAX_CAPTION_SIZE = 512 * 1024


def content_languages() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)


def _read_fresh_upload(field_file, limit: int | None = None) -> bytes | None:
    """The first bytes of a file that is being uploaded; None for one already stored."""
    if not field_file or field_file._committed:
        return None
    field_file.seek(0)
    content = field_file.read(limit) if limit else field_file.read()
    field_file.seek(0)
    return content


class VideoFile(VersionedFile, ClusterableModel):
    """A video kept on this site, with its captions. Video pages choose among these."""

    title = models.CharField(
        _("título"), max_length=160, help_text=_("Para achar o arquivo na lista. Só aparece aqui.")
    )
    file = models.FileField(
        _("arquivo de vídeo"),
        upload_to="videos/",
        validators=[FileExtensionValidator(["mp4", "webm"])],
        help_text=_("MP4 (H.264) ou WebM, até 200 MB."),
    )
    created_at = models.DateTimeField(_("enviado em"), auto_now_add=True)

    panels = [
        FieldPanel("title"),
        FieldPanel("file"),
        InlinePanel(
            "captions",
            heading=_("Legendas"),
            label=_("legenda"),
            help_text=_(
                "Um arquivo WebVTT (.vtt) em cada língua. Quem não ouve depende delas; "
                "a da língua da página já começa ligada."
            ),
        ),
    ]

    class Meta:
        verbose_name = _("arquivo de vídeo")
        verbose_name_plural = _("arquivos de vídeo")
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return self.title

    @property
    def usage_url(self) -> str:
        """Where the admin shows which pages use the file."""
        return reverse(self.snippet_viewset.get_url_name("usage"), args=[self.pk])

    def clean(self):
        super().clean()
        head = _read_fresh_upload(self.file, 4096)
        if head is None:
            return
        if self.file.size > MAX_VIDEO_SIZE:
            raise ValidationError(
                {"file": _("O vídeo passa de 200 MB. Reduza-o ou use o endereço de um serviço.")}
            )
        is_mp4 = head[4:8] == b"ftyp" and head[8:12] != b"qt  "
        is_webm = head[:4] == b"\x1aE\xdf\xa3" and b"webm" in head[:64]
        extension = self.file.name.rsplit(".", 1)[-1].lower()
        if (extension == "mp4" and not is_mp4) or (extension == "webm" and not is_webm):
            raise ValidationError(
                {
                    "file": _(
                        "O conteúdo deste arquivo não é um vídeo %(kind)s. "
                        "Converta-o: mudar o nome não basta."
                    )
                    % {"kind": "MP4" if extension == "mp4" else "WebM"}
                }
            )
        twins = VideoFile.objects.filter(file_hash=self.hash_of_upload()).exclude(pk=self.pk)
        if twin := twins.first():
            raise ValidationError(
                {
                    "file": _("Este vídeo já está na biblioteca, com o título “%(title)s”. Use-o.")
                    % {"title": twin.title}
                }
            )


class VideoCaption(VersionedFile, Orderable):
    """Captions of a video in one language, in WebVTT (WCAG 2.2, 1.2.2 Captions)."""

    video_file = ParentalKey(VideoFile, on_delete=models.CASCADE, related_name="captions")
    language = models.CharField(_("língua"), max_length=10, choices=content_languages)
    file = models.FileField(
        _("arquivo de legendas"),
        upload_to="videos/legendas/",
        validators=[FileExtensionValidator(["vtt"])],
        help_text=_("Arquivo WebVTT, com final .vtt."),
    )

    panels = [FieldPanel("language"), FieldPanel("file")]

    class Meta(Orderable.Meta):
        verbose_name = _("legenda")
        verbose_name_plural = _("legendas")
        unique_together = [("video_file", "language")]

    def __str__(self):
        return self.get_language_display()

    def clean(self):
        super().clean()
        if self.file and not self.file._committed and self.file.size > MAX_CAPTION_SIZE:
            raise ValidationError({"file": _("O arquivo é grande demais para ser de legendas.")})
        content = _read_fresh_upload(self.file)
        if content is None:
            return
        try:
            validate_webvtt(content)
        except ValidationError as error:
            raise ValidationError({"file": error}) from error


@dataclass(frozen=True)
class VideoSource:
    url: str
    type: str


@dataclass(frozen=True)
class VideoTrack:
    url: str
    language: str
    label: str
    is_default: bool


@dataclass(frozen=True)
class FilePlayer:
    """A video of this site, for the browser's own player."""

    sources: list[VideoSource]
    captions: list[VideoTrack]

    kind = "file"


class VideoPageQuerySet(SitePageQuerySet):
    def newest_first(self):
        return self.order_by("-date", "-pk")

    def for_player(self):
        """With all that a page draws of a video."""
        return self.select_related("poster", "video_file", "locale").prefetch_related(
            "video_file__captions"
        )

    def for_cards(self):
        """With what a listing draws of each video, and no more."""
        return self.defer("transcript", "body").select_related("poster")


VideoPageManager = SitePageManager.from_queryset(VideoPageQuerySet)


class VideoIndexPage(SitePage):
    parent_page_types = ["pages.HomePage"]
    subpage_types = ["pages.VideoPage"]
    max_count_per_parent = 1
    page_description = _("A lista dos vídeos.")
    canonical_parameters = (PARAMETER,)

    class Meta:
        verbose_name = _("lista de vídeos")
        verbose_name_plural = _("listas de vídeos")

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        videos = paginate(self.videos, request)
        note_if_linked(request, videos)
        prefetch_renditions((video.poster, "card") for video in videos)
        context["videos"] = videos
        context["page_range"] = videos.elided_range
        return context

    @property
    def videos(self) -> VideoPageQuerySet:
        return VideoPage.objects.child_of(self).published().newest_first().for_cards()


class VideoPage(PublicityMixin, SitePage):
    """A video, kept here as a file or at YouTube or Vimeo, with what it says in writing."""

    date = models.DateField(
        _("data"), null=True, help_text=_("Dia em que o vídeo foi publicado ou gravado.")
    )
    poster = models.ForeignKey(
        "pages.SiteImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("imagem de capa"),
        help_text=_("O que se vê antes de o vídeo começar."),
    )
    video_file = models.ForeignKey(
        VideoFile,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="pages",
        verbose_name=_("arquivo de vídeo"),
        help_text=_("Um vídeo guardado neste site, com as suas legendas."),
    )
    external_url = models.URLField(
        _("endereço no YouTube ou no Vimeo"),
        blank=True,
        validators=[validate_external_video],
        help_text=_(
            "Em vez do arquivo. O vídeo só é carregado do outro serviço se o visitante pedir."
        ),
    )
    duration = models.PositiveIntegerField(
        _("duração"), null=True, blank=True, help_text=_("Em segundos.")
    )
    transcript = RichTextField(
        _("transcrição"),
        features=[*PARAGRAPH_FEATURES, *LANGUAGE_FEATURES],
        blank=True,
        help_text=_(
            "Tudo o que se fala e o que se vê de importante, "
            "para quem não ouve, não vê ou prefere ler."
        ),
    )
    body = StreamField(
        BodyBlock(),
        blank=True,
        verbose_name=_("texto"),
        help_text=_("O que mais dizer sobre o vídeo. Aparece abaixo dele."),
    )

    objects = VideoPageManager()

    parent_page_types = ["pages.VideoIndexPage"]
    subpage_types = []
    page_description = _("Um vídeo, com legendas e transcrição.")
    is_video = True
    lead_image_field = "poster"
    lead_image_role = "video_poster"
    open_graph_type = "video.other"
    drawn_with = (*SitePage.drawn_with, "poster", "video_file")

    content_panels = [
        *SitePage.content_panels,
        FieldRowPanel([FieldPanel("date"), FieldPanel("duration")]),
        FieldPanel("poster"),
        MultiFieldPanel(
            [FieldPanel("video_file"), FieldPanel("external_url")],
            heading=_("Vídeo"),
            help_text=_("Escolha um arquivo ou escreva um endereço, não os dois."),
        ),
        FieldPanel("transcript"),
        FieldPanel("body"),
        FieldPanel("is_publicity"),
    ]

    search_fields = [
        *SitePage.search_fields,
        index.SearchField("transcript"),
        index.SearchField("body"),
        index.FilterField("date"),
    ]

    class Meta:
        verbose_name = _("vídeo")
        verbose_name_plural = _("vídeos")
        indexes = [models.Index(fields=["-date"], name="video_page_date")]

    def clean(self):
        super().clean()
        if self.video_file_id and self.external_url:
            raise ValidationError(
                {"external_url": _("Escolha um arquivo ou escreva um endereço, não os dois.")}
            )

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["other_videos"] = self.other_videos
        return context

    def structured_data(self, root_url):
        player = self.player
        if not (player and self.date):
            return []
        video = {
            "@type": "VideoObject",
            "@id": f"{self.full_url}#video",
            "name": self.title,
            "description": self.meta_description or self.title,
            "uploadDate": self.date.isoformat(),
            "inLanguage": html_language(self.language_code),
            "url": self.full_url,
            "duration": f"PT{self.duration}S" if self.duration else "",
            "publisher": {"@id": f"{root_url}/#organizacao"},
        }
        if player.kind == "external":
            video["embedUrl"] = player.embed_url
        else:
            video["contentUrl"] = urljoin(self.full_url, player.sources[0].url)
        if self.poster and (poster := self.poster.version(SHARING_SPEC)):
            video["thumbnailUrl"] = urljoin(self.full_url, poster.url)
        return [without_blanks(video)]

    @cached_property
    def player(self) -> FilePlayer | ExternalVideo | None:
        """How to show the video, or None when there is none yet."""
        if self.video_file:
            return FilePlayer(
                sources=[
                    VideoSource(
                        self.video_file.versioned_url,
                        mimetypes.guess_type(self.video_file.file.name)[0] or "video/mp4",
                    )
                ],
                captions=self._tracks(),
            )
        return parse_external_video(self.external_url)

    def _tracks(self) -> list[VideoTrack]:
        return [
            VideoTrack(
                caption.versioned_url,
                html_language(caption.language),
                caption.get_language_display(),
                caption.language == self.language_code,
            )
            for caption in self.video_file.captions.all()
        ]

    @property
    def duration_display(self) -> str:
        """The duration in words, for example ``"2 min 10 s"``; empty when unknown."""
        if not self.duration:
            return ""
        hours, rest = divmod(self.duration, 3600)
        minutes, seconds = divmod(rest, 60)
        parts = [
            (hours, gettext("%(number)d h")),
            (minutes, gettext("%(number)d min")),
            (seconds, gettext("%(number)d s")),
        ]
        return " ".join(text % {"number": number} for number, text in parts if number)

    @cached_property
    def other_videos(self) -> list["VideoPage"]:
        siblings = VideoPage.objects.sibling_of(self, inclusive=False)
        return list(siblings.published().newest_first().for_cards()[:3])

    def pictures(self):
        return [*super().pictures(), *((video.poster, "card") for video in self.other_videos)]
