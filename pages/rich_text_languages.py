"""Marks parts of a text that are in another language, so that they are read aloud in it.

WCAG 2.2, 3.1.2 Language of Parts; eMAG 3.1, 3.2. Wagtail has nothing for it: these are styles of
its editor, one for each language, that are kept as ``<span lang="en">``.
"""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.rich_text.converters.html_to_contentstate import InlineStyleElementHandler
from wagtail.admin.rich_text.editors.draftail.features import InlineStyleFeature

#: Code as HTML writes it (BCP 47), what the button shows, and what it says of itself.
LANGUAGES = (
    ("pt-BR", "PT", _("Trecho em português")),
    ("en", "EN", _("Trecho em inglês")),
    ("es", "ES", _("Trecho em espanhol")),
    ("it", "IT", _("Trecho em italiano")),
)


def _feature(code: str) -> str:
    return f"language-{code.lower()}"


#: Names by which a rich text's list of features asks for them.
LANGUAGE_FEATURES = [_feature(code) for code, _label, _description in LANGUAGES]


@hooks.register("register_rich_text_features")
def register_languages(features):
    for code, label, description in LANGUAGES:
        name, style = _feature(code), f"LANGUAGE_{code.upper()}"
        control = {
            "type": style,
            "label": label,
            "description": description,
            # As the editor shows it; readers see no difference.
            "style": {"borderBottom": "2px dotted"},
        }
        features.register_editor_plugin("draftail", name, InlineStyleFeature(control))
        features.register_converter_rule(
            "contentstate",
            name,
            {
                "from_database_format": {f'span[lang="{code}"]': InlineStyleElementHandler(style)},
                "to_database_format": {
                    "style_map": {style: {"element": "span", "props": {"lang": code}}}
                },
            },
        )
