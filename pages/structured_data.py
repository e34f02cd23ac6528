"""What the site tells machines about its pages, in schema.org's words (https://schema.org/)."""

import json
from urllib.parse import urljoin

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

#: As in Django's ``json_script``: no character that could end the script element.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def without_blanks(values: dict) -> dict:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def organization(identity, root_url: str) -> dict:
    """The office, as a GovernmentOrganization that other descriptions refer to by its ``@id``."""
    return without_blanks(
        {
            "@type": "GovernmentOrganization",
            "@id": f"{root_url}/#organizacao",
            "name": identity.office or identity.name,
            "alternateName": identity.name if identity.office else "",
            "url": f"{root_url}/",
            "email": identity.email,
            "telephone": identity.phone,
            "address": " ".join(identity.address.split()),
            "areaServed": "Jundiaí, São Paulo, Brasil",
            "sameAs": [profile.value["url"] for profile in identity.social_links],
        }
    )


def website(identity, root_url: str, language_code: str) -> dict:
    return {
        "@type": "WebSite",
        "@id": f"{root_url}/#site",
        "name": identity.name,
        "url": f"{root_url}/",
        "inLanguage": language_code,
        "publisher": {"@id": f"{root_url}/#organizacao"},
        "potentialAction": {
            "@type": "SearchAction",
            "target": f"{urljoin(root_url, reverse('search'))}?q={{search_term_string}}",
            "query-input": "required name=search_term_string",
        },
    }


def breadcrumb_list(trail) -> dict:
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": page.title,
                "item": page.full_url,
            }
            for position, page in enumerate(trail, start=1)
        ],
    }


def script(things: list[dict]) -> SafeString:
    """A JSON-LD data block; browsers do not execute it, so the CSP lets it be."""
    text = json.dumps(
        {"@context": "https://schema.org", "@graph": things},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(text.translate(_ESCAPES)),
    )
