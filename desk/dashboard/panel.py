from wagtail.admin.ui.components import Component

from .work_lists import WORK_LISTS


class DeskPanel(Component):
    """What waits for an editor. What is empty is not shown; a desk that is all empty says so."""

    name = "desk"
    template_name = "desk/dashboard/desk.html"
    order = 100

    def __init__(self, user):
        self._user = user

    def get_context_data(self, parent_context):
        lists = [shown for shown in WORK_LISTS if shown.is_for(self._user)]
        sections = [shown.beginning(self._user) for shown in lists]
        return {"sections": [section for section in sections if section.count]}
