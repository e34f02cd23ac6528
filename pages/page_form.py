"""The form in which every page of the site is edited."""

from collections import defaultdict
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.blocks import ListBlock, StreamBlock
from wagtail.blocks.list_block import ListBlockValidationError
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.blocks.struct_block import BaseStructBlock, StructBlockValidationError
from wagtail.fields import RichTextField, StreamField

from . import guards
from .guards import Finding
from .tidy import tidy_line, tidy_lines, tidy_rich_text

#: What a reviewer may do with a page however it is.
UNGUARDED_REVIEWS = {"reject"}


class SitePageForm(WagtailAdminPageForm):
    """Tidies texts whenever a page is saved, and asks the guards when it is put forward.

    A draft is saved whatever the guards would say.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            # A script writes the address while the title is typed. Where it came too late, the
            # page makes its address of the title by itself.
            self.fields["slug"].required = False

    def clean(self):
        cleaned = super().clean()
        for name, value in cleaned.items():
            if isinstance(value, str) and value:
                cleaned[name] = self._tidied(name, value)
        return cleaned

    def _tidied(self, name: str, value: str) -> str:
        try:
            field = self._meta.model._meta.get_field(name)
        except models.FieldDoesNotExist:
            return value
        if isinstance(field, RichTextField):
            return tidy_rich_text(value)
        if isinstance(field, models.TextField):
            return tidy_lines(value)
        if type(field) is models.CharField and not field.choices:
            return tidy_line(value)
        return value

    @property
    def is_put_forward(self) -> bool:
        """Whether the page is being published, scheduled, sent for review or approved."""
        if self.is_deferred_validation or self.data.get("action-cancel-workflow"):
            return False
        review = self.data.get("action-workflow-action") and self.data.get("workflow-action-name")
        return review not in UNGUARDED_REVIEWS

    def _post_clean(self):
        super()._post_clean()
        if self.is_put_forward:
            found = guards.errors(self.instance, parent=self.parent_page)
            self._add_findings(
                finding for finding in found if finding.place.field not in self.errors
            )

    def _add_findings(self, findings: Iterable[Finding]) -> None:
        by_field = defaultdict(list)
        for finding in findings:
            by_field[finding.place.field].append(finding)
        for name, found in by_field.items():
            field = self.instance._meta.get_field(name)
            if name not in self.fields:
                label = capfirst(field.verbose_name)
                self.add_error(None, [f"{label}: {finding.message}" for finding in found])
            elif isinstance(field, StreamField):
                self.add_error(name, errors_of_body(getattr(self.instance, name), found))
            else:
                self.add_error(name, [finding.message for finding in found])


def errors_of_body(body, findings: Iterable[Finding]) -> ValidationError:
    """``findings`` as errors that the editor shows at the blocks concerned."""
    tree = _Node()
    for finding in findings:
        node = tree
        for step in finding.place.path:
            node = node.children[step]
        # The same may be found twice in a text.
        if finding.message not in node.messages:
            node.messages.append(finding.message)
    return tree.error(body.stream_block, body)


class _Node:
    """What was found at a place of a body, and below it."""

    def __init__(self):
        self.messages: list[str] = []
        self.children: defaultdict[int | str, _Node] = defaultdict(_Node)

    def error(self, block, value=None) -> ValidationError:
        if isinstance(block, StreamBlock):
            return StreamBlockValidationError(
                {number: node.error(value[number].block) for number, node in self._nodes},
                self.messages,
            )
        if isinstance(block, ListBlock):
            return ListBlockValidationError(
                {number: node.error(block.child_block) for number, node in self._nodes},
                self.messages,
            )
        if isinstance(block, BaseStructBlock):
            return StructBlockValidationError(
                {name: node.error(block.child_blocks[name]) for name, node in self._nodes},
                self.messages,
            )
        return ValidationError(self.messages)

    @property
    def _nodes(self):
        return self.children.items()
