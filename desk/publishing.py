"""The guards on every way by which an editor publishes a page.

- The form (publish, schedule, send for review, approve while editing, restore an old version):
  ``pages.page_form``.
- Approval from a list or from the preview: ``desk.reviews``.
- Publishing many at once, and copies that are published as they are made: here.

Programs are not asked: the first content, the samples, an import. Nor is ``publish_scheduled``:
what it publishes was checked when it was scheduled, and nobody is there to mend it.
"""

from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page

from pages import guards
from pages.guards import Finding
from pages.models import SitePage

#: Most pages, and most findings of a page, that a message tells.
MAX_TOLD = 10


def edit_url(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def latest(page: Page) -> Page:
    """``page`` as it was last saved, which is what would be published."""
    return page.get_latest_revision_as_object()


def held_back(pages: Iterable[Page]) -> Iterator[tuple[Page, list[Finding]]]:
    """Those of ``pages`` whose last saved version may not be published, and why."""
    for page in pages:
        candidate = latest(page)
        if isinstance(candidate, SitePage) and (found := guards.errors(candidate)):
            yield candidate, found


def refuse(request: HttpRequest, pages: Iterable[Page]) -> bool:
    """Whether any of ``pages`` is held back; then a message says which, and what to mend."""
    refused = list(held_back(pages))
    if refused:
        messages.error(request, _refusal(refused))
    return bool(refused)


def _refusal(refused: list[tuple[Page, list[Finding]]]) -> SafeString:
    more = len(refused) - MAX_TOLD
    told = format_html_join(
        "",
        '<li><a href="{}">{}</a>{}</li>',
        (
            (edit_url(page), page.get_admin_display_title(), told_list(found))
            for page, found in refused[:MAX_TOLD]
        ),
    )
    rest = ngettext("E mais %(count)d página.", "E mais %(count)d páginas.", more) % {"count": more}
    return format_html(
        "{}<ul>{}</ul>{}",
        gettext("Nada foi publicado. Antes é preciso corrigir:"),
        told,
        rest if more > 0 else "",
    )


def told_list(findings: list[Finding]) -> SafeString:
    told = dict.fromkeys(finding.message for finding in findings)
    items = format_html_join("", "<li>{}</li>", ((message,) for message in list(told)[:MAX_TOLD]))
    return format_html("<ul>{}</ul>", items)


@hooks.register("before_bulk_action")
def guard_many(request, action_type, objects, action) -> HttpResponse | None:
    if action_type != "publish" or action.model is not Page:
        return None
    pages = list(objects)
    if action.cleaned_form.cleaned_data["include_descendants"]:
        for page in objects:
            drafts = page.get_descendants().not_live()
            pages += [
                draft for draft in drafts if draft.permissions_for_user(request.user).can_publish()
            ]
    # To publish again what has not changed changes nothing.
    changing = [page for page in pages if not page.live or page.has_unpublished_changes]
    return redirect(action.next_url) if refuse(request, changing) else None


@hooks.register("before_copy_page")
def guard_published_copies(request, page) -> HttpResponse | None:
    if request.method != "POST":
        return None
    if not (request.POST.get("publish_copies") or request.POST.get("alias")):
        return None
    copied = page.get_descendants(inclusive=True) if request.POST.get("copy_subpages") else [page]
    # A copy is published as the page is, not as it was last saved.
    refused = []
    for original in copied:
        candidate = original.specific
        if original.live and isinstance(candidate, SitePage):
            found = guards.errors(candidate, has_twin=False)
            if found:
                refused.append((candidate, found))
    if refused:
        messages.error(request, _refusal(refused))
        return redirect("wagtailadmin_pages:copy", page.pk)
    return None


@hooks.register("after_publish_page")
def advise_after_publishing(request, page) -> None:
    _advise(request, page, gettext("Ainda pode melhorar:"))


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def advise_after_sending_for_review(request, page) -> None:
    if request.POST.get("action-submit") or request.POST.get("action-restart-workflow"):
        _advise(request, page, gettext("Antes de aprovada, a página ainda pode melhorar:"))


def _advise(request: HttpRequest, page: Page, opening: str) -> None:
    candidate = latest(page)
    if not isinstance(candidate, SitePage):
        return
    if found := [finding for finding in guards.find(candidate) if not finding.is_error]:
        button = messages.button(edit_url(candidate), gettext("Editar"))
        messages.warning(request, format_html("{}{}", opening, told_list(found)), [button])
