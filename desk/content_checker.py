"""Wagtail's content checker: rules of axe that run in the preview, told in Portuguese.

It sees the page as drawn, and finds what the guards (``pages.guards``) cannot see in what was
written; they find what it cannot, and hold back.
"""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.userbar import ContentCheckerItem

#: A description that is a file's name, or says only that there is an image.
_POOR_DESCRIPTION = (
    r"\.(avif|gif|heic|jpg|jpeg|png|svg|webp)$|_"
    r"|^\s*(imagem|foto|fotografia|figura|image|photo|picture)\s*$"
    r"|^\s*(imagem|foto|fotografia|figura)\s+(de|da|do|das|dos)\s"
)


def _rule(name: str, selector: str, check: str) -> dict:
    """A rule that is broken by what its selector finds and the check does not."""
    return {
        "id": name,
        "impact": "serious",
        "selector": selector,
        "tags": ["best-practice"],
        "any": [check],
        "enabled": True,
    }


def _has(name: str, selector: str) -> dict:
    """A check of whether something is within an element, by a function of axe's own.

    A function of ours would be evaluated from a string, which the admin's policy forbids.
    """
    return {"id": name, "evaluate": "has-descendant-evaluate", "options": {"selector": selector}}


class SiteCheckerItem(ContentCheckerItem):
    """What the checker looks at on this site. The frame of the pages has tests of its own."""

    axe_include = ["main"]
    axe_run_only = [
        *ContentCheckerItem.axe_run_only,
        "identical-links-same-purpose",
        "image-alt",
        "image-redundant-alt",
        "list",
        "listitem",
        "new-window-link",
        "scope-attr-valid",
        "table-duplicate-name",
        "table-without-caption",
        "td-headers-attr",
        "th-has-data-cells",
        "video-without-captions",
    ]
    axe_custom_rules = [
        *ContentCheckerItem.axe_custom_rules,
        _rule("video-without-captions", "video", "has-captions"),
        _rule("table-without-caption", "table", "has-caption"),
        _rule("new-window-link", 'a[target="_blank"]', "has-the-page"),
    ]
    axe_custom_checks = [
        {"id": "check-image-alt-text", "options": {"pattern": _POOR_DESCRIPTION}},
        {"id": "check-empty-meta-description"},
        _has("has-captions", 'track[kind="captions"]'),
        _has("has-caption", "caption"),
        # Nothing has it: whatever the selector finds breaks the rule.
        _has("has-the-page", "html"),
    ]
    axe_messages = {
        "alt-text-quality": {
            "error_name": _("Descrição de imagem que não descreve"),
            "help_text": _(
                "Diga em uma frase o que se vê e por que está aqui, sem começar por “imagem de”."
            ),
        },
        "button-name": {
            "error_name": _("Botão sem texto"),
            "help_text": _("Diga no botão o que acontece."),
        },
        "empty-heading": {
            "error_name": _("Intertítulo vazio"),
            "help_text": _("Escreva-o ou apague o bloco."),
        },
        "empty-meta-description": {
            "error_name": _("Página sem resumo"),
            "help_text": _("Escreva o resumo: os buscadores o mostram."),
        },
        "empty-table-header": {
            "error_name": _("Coluna ou linha de tabela sem nome"),
            "help_text": _("Dê um nome a cada coluna da tabela."),
        },
        "frame-title": {
            "error_name": _("Quadro sem título"),
            "help_text": _("Dê um título ao conteúdo que vem de outro lugar."),
        },
        "heading-order": {
            "error_name": _("Intertítulos fora de ordem"),
            "help_text": _("Comece por “Intertítulo” e só depois use “Intertítulo menor”."),
        },
        "identical-links-same-purpose": {
            "error_name": _("Links de mesmo texto que levam a lugares diferentes"),
            "help_text": _("Diga em cada link aonde ele leva."),
        },
        "image-alt": {
            "error_name": _("Imagem sem descrição"),
            "help_text": _("Descreva-a ou marque-a como decorativa."),
        },
        "image-redundant-alt": {
            "error_name": _("Descrição de imagem que repete o texto ao lado"),
            "help_text": _("Diga o que a imagem acrescenta, ou marque-a como decorativa."),
        },
        "input-button-name": {
            "error_name": _("Botão sem texto"),
            "help_text": _("Diga no botão o que acontece."),
        },
        "link-name": {
            "error_name": _("Link sem texto"),
            "help_text": _("Escreva aonde o link leva."),
        },
        "list": {
            "error_name": _("Lista malfeita"),
            "help_text": _("Refaça-a com o botão de lista."),
        },
        "listitem": {
            "error_name": _("Item fora de uma lista"),
            "help_text": _("Refaça a lista com o botão de lista."),
        },
        "new-window-link": {
            "error_name": _("Link que abre outra janela"),
            "help_text": _("Deixe ao leitor a escolha de abrir outra janela."),
        },
        "p-as-heading": {
            "error_name": _("Parágrafo que parece intertítulo"),
            "help_text": _("Ponha um bloco Intertítulo no lugar."),
        },
        "scope-attr-valid": {
            "error_name": _("Cabeçalho de tabela malfeito"),
            "help_text": _("Refaça a tabela com o bloco Tabela."),
        },
        "table-duplicate-name": {
            "error_name": _("Tabela com o título repetido na descrição"),
            "help_text": _("Diga em cada um algo diferente."),
        },
        "table-without-caption": {
            "error_name": _("Tabela sem título"),
            "help_text": _("Diga no título o que os dados são."),
        },
        "td-headers-attr": {
            "error_name": _("Célula ligada a um cabeçalho que não existe"),
            "help_text": _("Refaça a tabela com o bloco Tabela."),
        },
        "th-has-data-cells": {
            "error_name": _("Coluna de tabela sem dados"),
            "help_text": _("Preencha a coluna ou apague-a."),
        },
        "video-without-captions": {
            "error_name": _("Vídeo sem legendas"),
            "help_text": _("Se nele alguém fala, envie as legendas em Arquivos de vídeo."),
        },
    }


@hooks.register("construct_wagtail_userbar")
def use_our_checker(request, items, page):
    for number, item in enumerate(items):
        if isinstance(item, ContentCheckerItem):
            items[number] = SiteCheckerItem(in_editor=item.in_editor)
