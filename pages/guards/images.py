"""Images that are described, credited and, where they show people, authorised.

- Description: WCAG 2.2, 1.1.1 Non-text Content; eMAG 3.1, 3.6.
- Credit: Lei 9.610/1998, art. 24, II and art. 79, § 1 (the photographer's name is shown).
- Authorisation: Lei 13.709/2018 (LGPD), art. 7; Código Civil, art. 20.
"""

import re
from collections.abc import Iterator

from django.utils.translation import gettext

from .content import Content, Picture
from .finding import Finding, Place, advice, error
from .links import plain_words

_FILE_NAME = re.compile(
    r"\.(?:avif|gif|heic|jpe?g|png|svg|tiff?|webp)$"
    r"|^(?:dsc|dscn|dcim|img|image|imagem|foto|pxl|screenshot|whatsapp image)[\s_-]*\d",
    re.I,
)
_NOTHING = frozenset(
    ["figura", "foto", "fotografia", "fotos", "ilustracao", "image", "imagem", "photo", "picture"]
)
_BEGINS_AS_IMAGE = re.compile(r"^(?:imagem|foto|fotografia|figura)\s+(?:de|da|do|das|dos)\b", re.I)


def images_are_described_credited_and_authorised(content: Content) -> Iterator[Finding]:
    for picture in content.pictures:
        yield from _description(picture)
        yield from _credit(picture)
        yield from _authorisation(picture)


def _description(picture: Picture) -> Iterator[Finding]:
    place = picture.place
    if picture.is_own_description:
        place = place.down("alt_text")
    if picture.is_decorative:
        return
    if not picture.description:
        yield error(
            place,
            "image-undescribed",
            gettext(
                "Descreva o que a imagem “%(title)s” mostra ou, se ela nada informa, marque-a "
                "como decorativa. Quem não a vê depende da descrição."
            )
            % {"title": picture.image.title},
        )
    elif _FILE_NAME.search(picture.description) or plain_words(picture.description) in _NOTHING:
        yield error(
            place,
            "image-description-empty-words",
            gettext(
                "“%(words)s” não descreve a imagem. Diga em uma frase o que ela mostra e por que "
                "está aqui."
            )
            % {"words": picture.description},
        )
    elif _BEGINS_AS_IMAGE.match(picture.description):
        yield advice(
            place,
            "image-description-redundant",
            gettext(
                "A descrição não precisa começar por “imagem de” ou “foto de”: o leitor de telas "
                "já o diz. Comece pelo que se vê."
            ),
        )


def _at_image(picture: Picture) -> Place:
    return picture.place.down("image") if picture.is_own_description else picture.place


def _credit(picture: Picture) -> Iterator[Finding]:
    if not picture.credit.strip() and not picture.is_decorative:
        yield error(
            _at_image(picture),
            "image-uncredited",
            gettext(
                "A imagem “%(title)s” não tem crédito. Abra-a em Imagens e diga quem a fez; a lei "
                "de direitos autorais o exige."
            )
            % {"title": picture.image.title},
        )


def _authorisation(picture: Picture) -> Iterator[Finding]:
    image = picture.image
    if image.shows_people and not image.is_use_authorised:
        yield error(
            _at_image(picture),
            "image-unauthorised",
            gettext(
                "A imagem “%(title)s” mostra pessoas que se podem reconhecer e não tem autorização "
                "de uso. Abra-a em Imagens e registre a autorização, ou escolha outra."
            )
            % {"title": image.title},
        )
    elif image.shows_people is None:
        yield advice(
            _at_image(picture),
            "image-people-unknown",
            gettext(
                "Ninguém disse ainda se a imagem “%(title)s” mostra pessoas que se podem "
                "reconhecer. Abra-a em Imagens e responda."
            )
            % {"title": image.title},
        )
