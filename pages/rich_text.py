"""The admin's field for rich text."""

from django.core.exceptions import BadRequest
from wagtail.admin.rich_text import DraftailRichTextArea


class RichTextArea(DraftailRichTextArea):
    """Wagtail's, which answers what no editor posts with 400.

    What is posted is the state of the editor's widget; of it Wagtail makes the HTML that is stored,
    with nothing but what the field's features allow.
    """

    def value_from_datadict(self, data, files, name):
        try:
            return super().value_from_datadict(data, files, name)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise BadRequest("The rich text is no state of the editor's widget.") from error
