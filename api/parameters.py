"""What may be asked of the open data, and the answer to what is asked amiss."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.languages import html_language

#: Items in an answer, when not asked for otherwise and at most.
DEFAULT_LIMIT = 20
MAX_LIMIT = 100


class ParameterError(Exception):
    """Says in Portuguese what is wrong with what was asked."""


@dataclass(frozen=True)
class Parameter:
    name: str
    #: JSON Schema of the value.
    schema: dict
    description: Any
    read: Callable[[str], Any]
    default: Any = None
    example: str = ""


def _whole_number(name: str, low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if re.fullmatch("[0-9]{1,4}", text) and low <= int(text) <= high:
            return int(text)
        raise ParameterError(
            gettext("O parâmetro “%(name)s” deve ser um número inteiro de %(low)d a %(high)d.")
            % {"name": name, "low": low, "high": high}
        )

    return read


def _language(text: str) -> str:
    if text.lower() in dict(settings.LANGUAGES):
        return text.lower()
    raise ParameterError(
        gettext("O parâmetro “lingua” deve ser um destes: %(values)s.")
        % {"values": ", ".join(_languages())}
    )


def _languages() -> list[str]:
    return [html_language(code) for code, _name in settings.LANGUAGES]


def _slug(name: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if re.fullmatch(r"[\w-]{1,255}", text):
            return text
        raise ParameterError(
            gettext("O parâmetro “%(name)s” deve ter só letras, números e hífens.") % {"name": name}
        )

    return read


def _separator(text: str) -> str:
    if text in SEPARATORS:
        return SEPARATORS[text]
    raise ParameterError(
        gettext("O parâmetro “separador” deve ser um destes: %(values)s.")
        % {"values": ", ".join(SEPARATORS)}
    )


SEPARATORS = {"virgula": ",", "ponto-e-virgula": ";"}

LIMIT = Parameter(
    "limite",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    _("Quantos itens por resposta, de 1 a 100. Sem ele, 20."),
    _whole_number("limite", 1, MAX_LIMIT),
    DEFAULT_LIMIT,
    "50",
)
AFTER = Parameter(
    "depois",
    {"type": "string"},
    _("De onde continuar. Não o escreva: siga o endereço que vem em “proxima”."),
    str,
)
LANGUAGE = Parameter(
    "lingua",
    {"type": "string", "enum": _languages(), "default": html_language(settings.LANGUAGE_CODE)},
    _("A língua dos textos. Sem ela, português."),
    _language,
    settings.LANGUAGE_CODE,
    "en",
)
YEAR = Parameter(
    "ano",
    {"type": "integer", "minimum": 1, "maximum": 9999},
    _("Só as notícias desse ano."),
    _whole_number("ano", 1, 9999),
    example="2026",
)
MONTH = Parameter(
    "mes",
    {"type": "integer", "minimum": 1, "maximum": 12},
    _("Só as notícias desse mês, de 1 a 12. Pede o ano."),
    _whole_number("mes", 1, 12),
    example="3",
)
CATEGORY = Parameter(
    "assunto",
    {"type": "string"},
    _("Só as notícias desse assunto, pelo “slug” dele."),
    _slug("assunto"),
    example="eventos",
)
GOAL = Parameter(
    "meta",
    {"type": "string"},
    _("Só as notícias que servem a essa meta, pelo final do endereço da página dela."),
    _slug("meta"),
    example="acoes-do-municipio",
)
SEPARATOR = Parameter(
    "separador",
    {"type": "string", "enum": list(SEPARATORS), "default": "virgula"},
    _(
        "O que separa as colunas: “virgula” ou “ponto-e-virgula”, "
        "que o Excel em português abre com dois cliques."
    ),
    _separator,
    ",",
    "ponto-e-virgula",
)


def read_parameters(asked: Mapping[str, str], known: Sequence[Parameter]) -> dict[str, Any]:
    """The values asked for, or their defaults.

    A name that is not known is refused too: an answer to another question would mislead.
    """
    names = [parameter.name for parameter in known]
    for name in asked:
        if name not in names:
            raise ParameterError(
                gettext("O parâmetro “%(name)s” não existe. Os que existem: %(names)s.")
                % {"name": name[:40], "names": ", ".join(names) or "–"}
            )
    return {
        parameter.name: parameter.read(asked[parameter.name])
        if parameter.name in asked
        else parameter.default
        for parameter in known
    }
