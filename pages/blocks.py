"""The blocks of which the body of every page is made."""

from collections.abc import Iterator
from itertools import chain, count

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    ChoiceBlock,
    ListBlock,
    PageChooserBlock,
    RichTextBlock,
    StaticBlock,
    StreamBlock,
    StructBlock,
    StructValue,
    TextBlock,
    URLBlock,
)
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.contrib.typed_table_block.blocks import TypedTable, TypedTableBlock
from wagtail.documents import get_document_model
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageBlock
from wagtail.rich_text import RichText

from .picture import Shown, prefetch_renditions
from .references import References, taken_from_hand
from .rich_text_languages import LANGUAGE_FEATURES
from .tidy import tidy_line, tidy_rich_text

#: What a paragraph may contain. Headings are blocks of their own, so that they can be checked.
PARAGRAPH_FEATURES = [
    "bold",
    "italic",
    "link",
    "document-link",
    "ol",
    "ul",
    "superscript",
    "subscript",
]
#: What a caption or a short text may contain.
CAPTION_FEATURES = ["bold", "italic", "link"]


def example_image():
    """Any image of the library, for the blocks' previews; None in an empty library."""
    image = get_image_model().objects.order_by("pk").first()
    if image:
        image.contextual_alt_text = image.default_alt_text
        image.decorative = image.is_decorative
    return image


class LibraryImageBlock(ImageBlock):
    """Wagtail's image block, except that a whole body's images come in one query.

    By itself each kind of block that holds images asks for its own. A missing description is told
    by the guards, together with all else that is missing.
    """

    def clean(self, value):
        try:
            self.child_blocks["image"].clean(value)
        except ValidationError as error:
            raise StructBlockValidationError(block_errors={"image": error}) from error
        return value

    def bulk_to_python(self, values):
        values = list(values)
        if not all(isinstance(value, dict) for value in values):
            return super().bulk_to_python(values)
        images = taken_from_hand("image", (value.get("image") for value in values))
        if images is None:
            return super().bulk_to_python(values)
        return [
            self._struct_value_to_image({**value, "image": image})
            for value, image in zip(values, images, strict=True)
        ]


class TidyRichTextBlock(RichTextBlock):
    """Wagtail's, without what a pasted text brings that nobody wrote.

    Every text may mark parts in other languages; migrations need not know.
    """

    @cached_property
    def field(self):
        features = [*self.features, *LANGUAGE_FEATURES]
        widget = get_rich_text_editor_widget(self.editor, features=features)
        return forms.CharField(widget=widget, **self.field_options)

    def clean(self, value):
        return super().clean(RichText(tidy_rich_text(value.source)))

    def deconstruct(self):
        path, *arguments = super().deconstruct()
        is_itself = type(self) is TidyRichTextBlock
        return "wagtail.blocks.RichTextBlock" if is_itself else path, *arguments


class FromHandMixin:
    """Lets a chooser take what it holds from what was found for a whole body."""

    #: As in ``References``.
    kind = ""
    #: The name of Wagtail's own block, of which migrations know.
    wagtail_path = ""

    def bulk_to_python(self, values):
        values = list(values)
        found = taken_from_hand(self.kind, values)
        return super().bulk_to_python(values) if found is None else found

    def deconstruct(self):
        return self.wagtail_path, *super().deconstruct()[1:]


class LibraryDocumentBlock(FromHandMixin, DocumentChooserBlock):
    kind = "document"
    wagtail_path = "wagtail.documents.blocks.DocumentChooserBlock"


class SitePageBlock(FromHandMixin, PageChooserBlock):
    kind = "page"
    wagtail_path = "wagtail.blocks.PageChooserBlock"


class PartValue(StructValue):
    """Value of a block that is a part of a body, with an id of its own there."""

    dom_id = "parte"


class HeadingValue(PartValue):
    @property
    def anchor(self) -> str:
        return self.dom_id


class HeadingBlock(StructBlock):
    text = CharBlock(label=_("Texto"), max_length=160)
    level = ChoiceBlock(
        label=_("Nível"),
        choices=[("2", _("Intertítulo")), ("3", _("Intertítulo menor"))],
        default="2",
        help_text=_("O intertítulo menor divide uma parte que já tem intertítulo."),
    )

    class Meta:
        icon = "title"
        label = _("Intertítulo")
        description = _("Divide o texto em partes e entra no índice da página.")
        template = "blocks/heading.html"
        value_class = HeadingValue
        preview_value = {"text": "O que são cidades-irmãs", "level": "2"}

    def clean(self, value):
        cleaned = super().clean(value)
        cleaned["text"] = tidy_line(cleaned["text"])
        return cleaned


class ParagraphBlock(TidyRichTextBlock):
    def __init__(self, **kwargs):
        super().__init__(**{"features": PARAGRAPH_FEATURES, **kwargs})

    class Meta:
        icon = "pilcrow"
        label = _("Texto")
        description = _("Parágrafos, listas e links.")
        template = "blocks/paragraph.html"
        preview_value = (
            "<p>Um texto com <b>destaque</b>, <i>ênfase</i> e uma lista:</p>"
            "<ul><li>primeiro item;</li><li>segundo item.</li></ul>"
        )


class PictureValue(PartValue):
    @property
    def credit_line(self) -> str:
        """The credit given here or, without it, that of the image."""
        image = self.get("image")
        return self.get("credit") or (image.credit if image else "")


class PictureBlock(StructBlock):
    image = LibraryImageBlock(label=_("Imagem"))
    caption = TidyRichTextBlock(
        label=_("Legenda"),
        required=False,
        features=CAPTION_FEATURES,
        help_text=_("O que o leitor deve saber sobre a imagem. Aparece abaixo dela."),
    )
    credit = CharBlock(
        label=_("Crédito"),
        required=False,
        max_length=160,
        help_text=_("Só se for diferente do crédito guardado com a imagem."),
    )

    class Meta:
        icon = "image"
        label = _("Imagem")
        description = _("Uma imagem com legenda e crédito.")
        template = "blocks/image.html"
        value_class = PictureValue

    def get_preview_value(self):
        return self.normalize(
            {"image": example_image(), "caption": "<p>Legenda da imagem.</p>", "credit": ""}
        )


class GalleryItemBlock(StructBlock):
    image = LibraryImageBlock(label=_("Imagem"))
    caption = CharBlock(label=_("Legenda"), required=False, max_length=250)

    class Meta:
        icon = "image"
        label = _("Imagem da galeria")


class GalleryBlock(StructBlock):
    title = CharBlock(label=_("Título"), required=False, max_length=120)
    items = ListBlock(GalleryItemBlock(), label=_("Imagens"), min_num=2, max_num=60)

    class Meta:
        icon = "grip"
        label = _("Galeria")
        description = _("Duas imagens ou mais, lado a lado.")
        template = "blocks/gallery.html"
        value_class = PartValue

    def get_preview_value(self):
        image = example_image()
        return self.normalize(
            {
                "title": "Galeria",
                "items": [{"image": image, "caption": "Primeira"}, {"image": image, "caption": ""}],
            }
        )


class QuoteBlock(StructBlock):
    text = TextBlock(label=_("Citação"), rows=3, help_text=_("Sem aspas: o site as põe."))
    author = CharBlock(label=_("Quem disse"), required=False, max_length=120)
    role = CharBlock(label=_("Cargo ou obra"), required=False, max_length=160)

    class Meta:
        icon = "openquote"
        label = _("Citação")
        description = _("A fala de alguém ou o trecho de uma obra.")
        template = "blocks/quote.html"
        preview_value = {
            "text": "A diplomacia federativa é um fenômeno relativamente antigo.",
            "author": "Assessoria de Cooperação Internacional",
            "role": "",
        }


class CallToActionValue(PartValue):
    @property
    def url(self) -> str:
        page = self.get("page")
        if page:
            return page.url if page.live else ""
        return self.get("external_url") or ""


class CallToActionBlock(StructBlock):
    title = CharBlock(label=_("Título"), required=False, max_length=120)
    text = TextBlock(label=_("Texto"), required=False, rows=2, max_length=400)
    label = CharBlock(
        label=_("Texto do botão"),
        max_length=60,
        help_text=_("Diga o que acontece: “Enviar proposta”, não “Clique aqui”."),
    )
    page = SitePageBlock(label=_("Página do site"), required=False)
    external_url = URLBlock(
        label=_("Outro endereço"),
        required=False,
        help_text=_("Preencha este campo ou escolha uma página do site, não os dois."),
    )

    class Meta:
        icon = "link"
        label = _("Chamada com botão")
        description = _("Convida o leitor a fazer alguma coisa.")
        template = "blocks/call_to_action.html"
        value_class = CallToActionValue
        preview_value = {
            "title": "Fale com a Assessoria",
            "text": "Conte-nos o que a sua instituição procura em Jundiaí.",
            "label": "Entrar em contato",
            "page": None,
            "external_url": "https://example.org/",
        }

    def clean(self, value):
        cleaned = super().clean(value)
        given = [name for name in ("page", "external_url") if cleaned.get(name)]
        if len(given) == 2:
            message = _("Escolha uma página do site ou escreva um endereço, não os dois.")
        elif not given and not self.is_deferred_validation:
            message = _("Escolha uma página do site ou escreva um endereço.")
        else:
            return cleaned
        raise StructBlockValidationError(block_errors={"external_url": ValidationError(message)})


class DocumentItemBlock(StructBlock):
    document = LibraryDocumentBlock(label=_("Documento"))
    description = CharBlock(label=_("Descrição"), required=False, max_length=250)

    class Meta:
        icon = "doc-full"
        label = _("Documento")


class DocumentsBlock(StructBlock):
    title = CharBlock(label=_("Título"), required=False, max_length=120)
    items = ListBlock(DocumentItemBlock(), label=_("Documentos"), min_num=1)

    class Meta:
        icon = "doc-full"
        label = _("Lista de documentos")
        description = _("Arquivos para baixar, com tipo e tamanho.")
        template = "blocks/documents.html"
        value_class = PartValue

    def get_preview_value(self):
        document = get_document_model().objects.order_by("pk").first()
        items = [{"document": document, "description": "Texto integral"}] if document else []
        return self.normalize({"title": "Documentos", "items": items})


class VideoBlock(PageChooserBlock):
    """A video of the site, in the middle of a text."""

    def __init__(self, **kwargs):
        super().__init__(**{"page_type": "pages.VideoPage", **kwargs})

    class Meta:
        icon = "media"
        label = _("Vídeo")
        description = _("Um dos vídeos do site, para ver sem sair da página.")
        template = "blocks/video.html"

    def bulk_to_python(self, values):
        """The videos with all that a player draws, in the order asked for."""
        values = list(values)
        at_hand = taken_from_hand("video", values)
        if at_hand is not None:
            return at_hand
        videos = self.target_model.objects.for_player().in_bulk(values)
        return [videos.get(pk) for pk in values]

    def get_preview_value(self):
        return self.target_model.objects.order_by("pk").first()


class CellsBlock(TypedTableBlock):
    text = CharBlock(label=_("Texto"), required=False)
    number = CharBlock(label=_("Número"), required=False)
    rich_text = TidyRichTextBlock(
        label=_("Texto com links"), required=False, features=CAPTION_FEATURES
    )


class TableValue(PartValue):
    @property
    def caption(self) -> str:
        table = self.get("table")
        return table.caption if table else ""


class TableBlock(StructBlock):
    table = CellsBlock(
        label=_("Tabela"),
        help_text=_("Dê à tabela um título e, a cada coluna, um nome."),
    )
    first_column_is_header = BooleanBlock(
        label=_("A primeira coluna dá nome às linhas"),
        required=False,
        default=False,
        help_text=_("Leitores de tela a leem antes de cada célula."),
    )

    class Meta:
        icon = "table"
        label = _("Tabela")
        description = _("Dados em linhas e colunas.")
        template = "blocks/table.html"
        value_class = TableValue

    def get_preview_value(self):
        text = self.child_blocks["table"].child_blocks["text"]
        table = TypedTable(
            columns=[{"block": text, "heading": "Cidade"}, {"block": text, "heading": "País"}],
            row_data=[{"values": ["Pádua", "Itália"]}, {"values": ["Iwakuni", "Japão"]}],
            caption="Exemplo de tabela",
        )
        return self.normalize({"table": table, "first_column_is_header": True})


class FactBoxBlock(StructBlock):
    title = CharBlock(label=_("Título"), max_length=120)
    text = TidyRichTextBlock(label=_("Texto"), features=PARAGRAPH_FEATURES)

    class Meta:
        icon = "info-circle"
        label = _("Quadro")
        description = _("Informação à parte, ao lado do texto principal.")
        template = "blocks/fact_box.html"
        value_class = PartValue
        preview_value = {
            "title": "O que é paradiplomacia",
            "text": "<p>A ação internacional de Estados e Municípios.</p>",
        }


class AccordionItemBlock(StructBlock):
    title = CharBlock(label=_("Pergunta ou título"), max_length=200)
    text = TidyRichTextBlock(label=_("Texto"), features=PARAGRAPH_FEATURES)

    class Meta:
        icon = "help"
        label = _("Item")


class AccordionBlock(StructBlock):
    items = ListBlock(AccordionItemBlock(), label=_("Itens"), min_num=1)

    class Meta:
        icon = "list-ul"
        label = _("Itens que se abrem")
        description = _("Perguntas e respostas que o leitor abre uma a uma.")
        template = "blocks/accordion.html"
        preview_value = {
            "items": [
                {"title": "Quem pode propor um acordo?", "text": "<p>Resposta de exemplo.</p>"},
                {"title": "Quanto tempo leva?", "text": "<p>Resposta de exemplo.</p>"},
            ]
        }


class MapBlock(StructBlock):
    image = LibraryImageBlock(
        label=_("Imagem do mapa"),
        help_text=_("Uma figura do mapa. O mapa interativo só se abre no link, noutro site."),
    )
    address = TextBlock(label=_("Endereço"), required=False, rows=3)
    url = URLBlock(label=_("Link do mapa"), help_text=_("Endereço do lugar num site de mapas."))
    label = CharBlock(
        label=_("Texto do link"),
        max_length=80,
        help_text=_("Exemplo: Abrir no OpenStreetMap."),
    )

    class Meta:
        icon = "site"
        label = _("Mapa")
        description = _("Figura de um mapa com link; nada é carregado de outro site.")
        template = "blocks/map.html"
        value_class = PartValue

    def get_preview_value(self):
        return self.normalize(
            {
                "image": example_image(),
                "address": "Jundiaí, SP",
                "url": "https://www.openstreetmap.org/#map=13/-23.1857/-46.8978",
                "label": "Abrir no OpenStreetMap",
            }
        )


class ContactBlock(StaticBlock):
    class Meta:
        icon = "mail"
        label = _("Dados de contato")
        description = _("Os contatos da Assessoria, como estão em Identidade do site.")
        admin_text = _(
            "Mostra os contatos preenchidos em Identidade do site. O que está vazio não aparece."
        )
        template = "blocks/contact.html"
        preview_value = None


class BodyBlock(StreamBlock):
    heading = HeadingBlock()
    paragraph = ParagraphBlock()
    image = PictureBlock()
    gallery = GalleryBlock()
    quote = QuoteBlock()
    call_to_action = CallToActionBlock()
    documents = DocumentsBlock()
    video = VideoBlock()
    table = TableBlock()
    fact_box = FactBoxBlock()
    accordion = AccordionBlock()
    map = MapBlock()
    contact = ContactBlock()

    class Meta:
        template = "components/body.html"

    def get_context(self, value, parent_context=None):
        prefetch_renditions(prepare(value))
        return super().get_context(value, parent_context)


def prepare(body, references: References | None = None) -> list[Shown]:
    """Bring all that the blocks of ``body`` draw, and give its parts their ids.

    ``references`` are those of the page, if they are known. Returns the images drawn and their
    roles, for their renditions to be found together with others of the page; none when the body was
    prepared before.
    """
    if body is None or getattr(body, "is_prepared", False):
        return []
    body.is_prepared = True
    if references is None:
        references = References(get_language())
        references.want_block(body.stream_block, body.raw_data)
    with references.at_hand():
        pictures = list(_pictures(body))
        name_parts(body)
    return pictures


#: Ids that the site's frame uses already: the targets of its skip links.
FRAME_IDS = {"conteudo", "menu", "busca", "rodape"}


def name_parts(body) -> None:
    """Give each part of ``body`` an id that no other part of the page has.

    Headings are named by their text, so that their addresses last; a repeated text gets a number.
    """
    taken = set(FRAME_IDS)
    for part in body or ():
        if not isinstance(part.value, PartValue):
            continue
        if part.block_type == "heading":
            stem = slugify(part.value["text"]) or "parte"
        else:
            stem = part.block.name.replace("_", "-")
        dom_id = next(
            name
            for name in chain([stem], (f"{stem}-{number}" for number in count(2)))
            if name not in taken
        )
        taken.add(dom_id)
        part.value.dom_id = dom_id


def _pictures(body) -> Iterator[Shown]:
    for part in body:
        # Asking for the value converts it, with all others of its type.
        if part.block_type in ("image", "map"):
            yield part.value["image"], "illustration"
        elif part.block_type == "gallery":
            for item in part.value["items"]:
                yield item["image"], "gallery_item"
        elif part.block_type == "video" and part.value:
            yield part.value.poster, "video_poster"
