"""The way from a help text to the manual, for the templates of Wagtail's forms."""

from django import template

from ..field_help import HelpText, section_of_panel

register = template.Library()


@register.filter
def explained_as(help_text, field):
    """The help text of a panel, which knows its section as that of its form's field does."""
    section = getattr(field, "section", None)
    return HelpText.of(help_text, section) if help_text and section else help_text


@register.simple_tag
def manual_link(panel) -> str:
    """The link to the section of a group of fields."""
    section = section_of_panel(panel)
    return section.link if section else ""
