"""What a page says and shows, taken out of its fields and blocks once for all guards."""

from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup
from django.db.models import ForeignKey
from django.utils.functional import cached_property
from wagtail.blocks import ListBlock, RichTextBlock, StreamBlock
from wagtail.blocks.struct_block import BaseStructBlock
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageBlock
from wagtail.models import Page

from ..references import rich_text_fields
from ..tidy import tidy_line
from .finding import Place


@dataclass(frozen=True)
class Heading:
    place: Place
    text: str
    level: int


@dataclass(frozen=True)
class Picture:
    """A use of an image. ``image`` is None where one was chosen that is no more."""

    place: Place
    image: object
    description: str
    is_decorative: bool
    credit: str
    #: Whether the description belongs to this use, or to the image in the library.
    is_own_description: bool


@dataclass(frozen=True)
class Label:
    """The text of a link or button that is not in a rich text."""

    place: Place
    text: str


@dataclass
class Text:
    """A rich text. ``features`` are what its editor offers."""

    place: Place
    source: str
    features: frozenset[str]
    #: Whether it is a block of a body by itself, beside which a heading can be put.
    is_part_of_body: bool = False

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.source, "html.parser")


#: Names of the children of blocks that are the text of a link.
LABEL_CHILDREN = {"call_to_action": "label", "map": "label"}


class Content:
    """What ``page`` says.

    ``parent`` is needed for a page that has no place in the tree yet. ``has_twin`` says whether a
    published page beside it has the same title, where that is known already.
    """

    def __init__(self, page, parent=None, has_twin: bool | None = None):
        self.page = page
        self.parent = parent
        self.texts: list[Text] = []
        self.headings: list[Heading] = []
        self.pictures: list[Picture] = []
        self.labels: list[Label] = []
        #: The kinds of the parts of each body, in order, by field.
        self.parts: dict[str, list[str]] = {}
        self._has_twin = has_twin
        self._read_fields()

    @cached_property
    def has_twin(self) -> bool:
        """Whether a published page beside this one has the same title."""
        if self._has_twin is not None:
            return self._has_twin
        if self.page.path:
            beside = Page.objects.sibling_of(self.page, inclusive=False)
        elif self.parent:
            beside = Page.objects.child_of(self.parent)
        else:
            return False
        # A mirror of a page bears its title.
        others = beside.live().filter(alias_of=None)
        return others.filter(title=tidy_line(self.page.title)).exists()

    def _read_fields(self) -> None:
        for name in self.page.link_label_fields:
            self.labels.append(Label(Place(name), getattr(self.page, name)))
        for name in rich_text_fields(self.page):
            field = self.page._meta.get_field(name)
            self._add_text(Place(name), getattr(self.page, name), field)
        for field in self.page._meta.fields:
            if isinstance(field, ForeignKey) and field.related_model is get_image_model():
                if image := getattr(self.page, field.name):
                    self._add_lead(Place(field.name), image)
            elif isinstance(field, StreamField):
                body = getattr(self.page, field.name)
                self.parts[field.name] = [part.block_type for part in body]
                self._read_block(Place(field.name), body.stream_block, body)

    def _add_text(self, place: Place, source, kind: RichTextField | RichTextBlock) -> None:
        source = getattr(source, "source", source) or ""
        if source:
            is_part = len(place.path) == 1
            self.texts.append(Text(place, source, frozenset(kind.features or ()), is_part))

    def _add_lead(self, place: Place, image) -> None:
        self.pictures.append(
            Picture(
                place,
                image,
                image.default_alt_text,
                image.is_decorative,
                image.credit,
                is_own_description=False,
            )
        )

    def _read_block(self, place: Place, block, value, credit: str = "") -> None:
        if value is None:
            return
        if isinstance(block, StreamBlock):
            for number, part in enumerate(value):
                self._read_block(place.down(number), part.block, part.value)
        elif isinstance(block, ListBlock):
            for number, part in enumerate(value.bound_blocks):
                self._read_block(place.down(number), part.block, part.value)
        elif isinstance(block, TypedTableBlock):
            # Errors of cells are told at the table.
            whole = Place(place.field, place.path[:-1])
            for cell in _cells(value):
                self._read_block(whole, cell.block, cell.value)
        elif isinstance(block, ImageBlock):
            self._add_picture(place, value, credit)
        elif isinstance(block, BaseStructBlock):
            self._read_struct(place, block, value)
        elif isinstance(block, RichTextBlock):
            self._add_text(place, value, block)

    def _add_picture(self, place: Place, image, credit: str) -> None:
        self.pictures.append(
            Picture(
                place,
                image,
                (image.contextual_alt_text or "").strip(),
                bool(image.decorative),
                credit or image.credit,
                is_own_description=True,
            )
        )

    def _read_struct(self, place: Place, block, value) -> None:
        if block.name == "heading" and "level" in block.child_blocks:
            level = value.get("level") or "2"
            self.headings.append(Heading(place.down("text"), value.get("text") or "", int(level)))
        label = LABEL_CHILDREN.get(block.name)
        if label in block.child_blocks:
            self.labels.append(Label(place.down(label), value.get(label) or ""))
        credit = value.get("credit") or ""
        for name, child in block.child_blocks.items():
            self._read_block(place.down(name), child, value.get(name), credit)


def _cells(table) -> Iterator:
    for row in table.rows:
        yield from row
