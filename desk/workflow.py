"""The way of a text from draft to publication: the workflow that all pages have.

Its steps are Wagtail's own tasks of approval by groups. The migration makes it; from then on it
belongs to the administrators, who may change it in the admin, and no `migrate` brings it back.
"""

from django.contrib.auth.models import Group
from django.db import transaction
from wagtail.models import GroupApprovalTask, Page, Workflow, WorkflowPage, WorkflowTask

from .roles import ADMINISTRATION, EDITING

WORKFLOW = "Revisão da ACI"
#: The steps in their order, and the roles that may take each. Both are open to both, so that in an
#: office of a few people an absence or one's own text never stops the work.
STEPS = (
    ("Revisão de texto", (EDITING, ADMINISTRATION)),
    ("Aprovação", (EDITING, ADMINISTRATION)),
)


def restore_workflow() -> bool:
    """Make the workflow anew if the site has none for all pages; whether it had none.

    The groups must be there: `roles.sync_roles` makes them.
    """
    # At the root it holds for the trees of all languages.
    root = Page.objects.filter(depth=1).first()
    if not root or WorkflowPage.objects.filter(page=root, workflow__active=True).exists():
        return False
    with transaction.atomic():
        workflow = Workflow.objects.create(name=WORKFLOW)
        for order, (name, roles) in enumerate(STEPS):
            task = GroupApprovalTask.objects.filter(name=name, active=True).first()
            if not task:
                task = GroupApprovalTask.objects.create(name=name)
                task.groups.set(Group.objects.filter(name__in=[role.name for role in roles]))
            WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=order)
        WorkflowPage.objects.update_or_create(page=root, defaults={"workflow": workflow})
    return True
