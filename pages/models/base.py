import uuid

from django.db import models
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page, PageManager, PageViewRestriction
from wagtail.query import PageQuerySet
from wagtail.search import index

from ..blocks import prepare
from ..page_form import SitePageForm
from ..picture import Shown, prefetch_renditions
from ..references import References
from ..visibility import open_q, published_q


class SitePageQuerySet(PageQuerySet):
    def published(self):
        """Only what an anonymous visitor may see now."""
        return self.filter(published_q(model=self.model))

    def open_to_all(self):
        """Live and under no view restriction, whether an election withholds it now or not."""
        return self.filter(open_q())

    def in_language_of(self, page):
        """Only pages in the same language as ``page``."""
        return self.filter(locale_id=page.locale_id)

    def in_language(self, language_code: str):
        """Only pages in a language of ``settings.LANGUAGES``."""
        return self.filter(locale__language_code=language_code)


SitePageManager = PageManager.from_queryset(SitePageQuerySet)


class SitePage(Page):
    """What every page of the site has: a summary, a sharing image, a trail, its translations."""

    summary = models.TextField(
        _("resumo"),
        max_length=300,
        blank=True,
        help_text=_(
            "Uma ou duas frases que dizem do que a página trata. Aparece abaixo do título, "
            "nas listas, nos buscadores e quando a página é compartilhada."
        ),
    )
    social_image = models.ForeignKey(
        "pages.SiteImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("imagem de compartilhamento"),
        help_text=_(
            "Aparece quando a página é compartilhada. Sem ela, usa-se a imagem principal "
            "da página ou a imagem padrão do site."
        ),
    )

    objects = SitePageManager()

    base_form_class = SitePageForm
    #: Whether pages of this type are published only with a summary.
    needs_summary = True
    #: Whether pages of this type are videos, with all the fields of one.
    is_video = False
    #: Fields that are the text of a link.
    link_label_fields: tuple[str, ...] = ()
    #: Whether pages of this type are listed one by one in the site map.
    listed_in_site_map = True
    #: Foreign keys that every drawing of the page follows; they are fetched with it.
    drawn_with: tuple[str, ...] = ("locale", "social_image")
    #: Name of the symbol that menus show beside links to pages of this type.
    menu_symbol = ""
    #: Set where the page was looked up together with its restrictions, and none was found.
    is_known_public = False
    #: Foreign key to the image that stands for the page when it is shared, in types with one.
    lead_image_field = ""
    #: And what it is to the page (``pages.picture.ROLES``).
    lead_image_role = ""
    #: OpenGraph type of the page (https://ogp.me/#types).
    open_graph_type = "website"
    #: A page may show a part of itself at an address of its own: what follows the page's address,
    #: the part's title, and the steps to it from the page, each a title and what follows.
    part_path = ""
    part_title = ""
    part_trail: tuple[tuple[str, str], ...] = ()
    #: Whether search engines should leave out what is shown.
    is_noindex = False
    #: Query parameters that make a page of its own of an address, for its canonical form.
    canonical_parameters: tuple[str, ...] = ()

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
    ]
    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel(
                    "slug",
                    heading=_("Endereço da página"),
                    help_text=_(
                        "O final do endereço desta página: letras minúsculas sem acento, "
                        "números e hífens. Evite mudá-lo depois de publicar."
                    ),
                ),
                FieldPanel(
                    "seo_title",
                    heading=_("Título para buscadores"),
                    help_text=_(
                        "Título para a aba do navegador e os buscadores, se for preciso "
                        "que difira do título da página."
                    ),
                ),
                FieldPanel(
                    "search_description",
                    heading=_("Descrição para buscadores"),
                    help_text=_(
                        "Descrição para os buscadores, até cerca de 155 letras. "
                        "Sem ela, usa-se o resumo."
                    ),
                ),
            ],
            heading=_("Endereço e buscadores"),
        ),
        FieldPanel("social_image"),
    ]

    search_fields = [
        *Page.search_fields,
        index.SearchField("summary", boost=2),
        index.AutocompleteField("summary"),
    ]

    class Meta:
        abstract = True

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["references"] = self.references
        prefetch_renditions(self.pictures())
        return context

    @cached_property
    def references(self) -> References:
        """What the page's texts refer to, and the page in other languages."""
        references = References.of([self], self.language_code)
        references.want_translations(self)
        return references

    def own_pictures(self) -> list[Shown]:
        """The page's images, each with its role: in all versions of that role they are shown."""
        pictures = [(self.social_image, "shared"), (self.lead_image, self.lead_image_role)]
        return [*pictures, *prepare(getattr(self, "body", None), self.references)]

    def pictures(self) -> list[Shown]:
        """The images that the page draws, all found with one query for their renditions."""
        return self.own_pictures()

    def get_view_restrictions(self):
        if self.is_known_public:
            return PageViewRestriction.objects.none()
        return super().get_view_restrictions()

    @classmethod
    def search_marks(cls, pages: list["SitePage"]) -> dict[int, list[str]]:
        """Words by which lists narrow a search to some of their pages: those of each page, by id.

        No reader types them. ``pages`` are all of this type.
        """
        return {}

    @cached_property
    def language_code(self) -> str:
        """Code of the page's language as in ``settings.LANGUAGES``, for example ``"pt-br"``."""
        return self.locale.language_code

    @cached_property
    def trail(self) -> list[Page]:
        """Pages from the home down to this one; the home alone has a trail of one."""
        ancestors = self.get_ancestors(inclusive=True).filter(depth__gt=1)
        return list(ancestors)

    @property
    def published_translations(self) -> list[Page]:
        """This page in each language in which visitors may see it, itself included."""
        return self.references.translations(self)

    def structured_data(self, root_url: str) -> list[dict]:
        """What schema.org calls this page's subject, besides the office and the site."""
        return []

    @property
    def permanent_id(self) -> uuid.UUID:
        """Names this page, in its language, for as long as it exists, whatever its address."""
        return uuid.uuid5(self.translation_key, self.language_code)

    @property
    def type_label(self) -> str:
        """The kind of page, as lists that mix kinds name it."""
        return capfirst(self._meta.verbose_name)

    @property
    def lead_image(self):
        return getattr(self, self.lead_image_field) if self.lead_image_field else None

    @property
    def sharing_image(self):
        return self.social_image or self.lead_image

    @property
    def meta_description(self) -> str:
        return self.search_description or self.summary
