from wagtail.admin.panels import HelpPanel

from .models.officer import DataOfficer


class OfficerMissingPanel(HelpPanel):
    """Tells the editor of the privacy page that it does not say who answers for personal data."""

    def __init__(self, template="contact/officer_missing.html", **kwargs):
        super().__init__(template=template, **kwargs)

    class BoundPanel(HelpPanel.BoundPanel):
        def is_shown(self) -> bool:
            return DataOfficer.known() is None

        def get_context_data(self, parent_context=None):
            context = super().get_context_data(parent_context)
            may_mend = self.request.user.has_perm("contact.change_dataofficer")
            return {**context, "may_mend": may_mend}
