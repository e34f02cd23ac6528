from functools import partial

from wagtail import hooks
from wagtail.admin.views.home import (
    RecentEditsPanel,
    UserObjectsInWorkflowModerationPanel,
    WorkflowObjectsToModeratePanel,
)

from . import reports
from .panel import DeskPanel
from .work_lists import WORK_LISTS

#: Wagtail's panels that the desk says better: in few queries however much there is, each with
#: its whole list.
REPLACED = (RecentEditsPanel, UserObjectsInWorkflowModerationPanel, WorkflowObjectsToModeratePanel)


@hooks.register("construct_homepage_panels")
def put_the_desk_first(request, panels):
    panels[:] = [panel for panel in panels if not isinstance(panel, REPLACED)]
    panels.append(DeskPanel(request.user))


@hooks.register("construct_homepage_summary_items", order=1000)
def leave_out_the_numbers(request, items):
    """How many pages and images there are is no work, and counting them takes time."""
    items.clear()


@hooks.register("register_admin_urls")
def urls():
    return reports.urls()


for _number, _shown in enumerate(shown for shown in WORK_LISTS if not shown.is_personal):
    # One hook for each: Wagtail asks for the items of the menu one by one.
    hooks.register("register_reports_menu_item", partial(reports.menu_item, _shown, 100 + _number))
