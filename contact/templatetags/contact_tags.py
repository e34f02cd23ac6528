from django import template

from contact.models import PrivacyPage
from pages.templatetags.site_tags import active_language, page_in_menus, remember

register = template.Library()


@register.simple_tag(takes_context=True)
def privacy_page(context) -> PrivacyPage | None:
    """The privacy page in the language of the page, when visitors may see it."""
    language = active_language(context)
    return remember(
        context,
        f"privacy_page_{language}",
        lambda: (
            page_in_menus(context, PrivacyPage)
            or PrivacyPage.objects.published().in_language(language).first()
        ),
    )
