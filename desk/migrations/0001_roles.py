"""The roles and the workflow in the place of Wagtail's groups and workflow, where nobody uses those.

What the roles may do, `desk.roles` says after each `migrate`, when the permissions exist.
"""

from django.db import migrations

ROLES = ("Redação", "Edição", "Administração")
WORKFLOW = "Revisão da ACI"
STEPS = ("Revisão de texto", "Aprovação")

#: What Wagtail's migrations make, and what its groups may do: on pages, and in collections.
WAGTAIL_GROUPS = {
    "Editors": ("add_page", "change_page"),
    "Moderators": (
        "add_page",
        "bulk_delete_page",
        "change_page",
        "lock_page",
        "publish_page",
        "unlock_page",
    ),
}
WAGTAIL_COLLECTION_PERMISSIONS = (
    "add_image",
    "change_image",
    "choose_image",
    "add_document",
    "change_document",
    "choose_document",
)
WAGTAIL_WORKFLOW = "Moderators approval"


def _remove_workflow(apps, using, workflow_name, task_names):
    """Delete a workflow and its steps, unless a page went or goes through it."""
    Workflow = apps.get_model("wagtailcore", "Workflow")
    WorkflowState = apps.get_model("wagtailcore", "WorkflowState")
    Task = apps.get_model("wagtailcore", "Task")
    TaskState = apps.get_model("wagtailcore", "TaskState")
    workflow = Workflow.objects.using(using).filter(name=workflow_name).first()
    if workflow and not WorkflowState.objects.using(using).filter(workflow=workflow).exists():
        workflow.delete()
    for task in Task.objects.using(using).filter(name__in=task_names, workflow_tasks=None):
        if not TaskState.objects.using(using).filter(task=task).exists():
            task.delete()


def _remove_groups(apps, using, names):
    """Delete the groups of these names that no user and no step of a workflow has."""
    Group = apps.get_model("auth", "Group")
    GroupApprovalTask = apps.get_model("wagtailcore", "GroupApprovalTask")
    for group in Group.objects.using(using).filter(name__in=names, user=None):
        if not GroupApprovalTask.objects.using(using).filter(groups=group).exists():
            group.delete()


def _free_the_root(apps, using, workflow_name):
    """Take a workflow that stays, because pages went through it, off the root page."""
    WorkflowPage = apps.get_model("wagtailcore", "WorkflowPage")
    WorkflowPage.objects.using(using).filter(page__depth=1, workflow__name=workflow_name).delete()


def _make_workflow(apps, using, workflow_name, steps):
    """Make a workflow of ``steps``, each a name and the names of its groups, for all pages."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Group = apps.get_model("auth", "Group")
    GroupApprovalTask = apps.get_model("wagtailcore", "GroupApprovalTask")
    Page = apps.get_model("wagtailcore", "Page")
    Workflow = apps.get_model("wagtailcore", "Workflow")
    WorkflowPage = apps.get_model("wagtailcore", "WorkflowPage")
    WorkflowTask = apps.get_model("wagtailcore", "WorkflowTask")
    kind, _ = ContentType.objects.db_manager(using).get_or_create(
        app_label="wagtailcore", model="groupapprovaltask"
    )
    # Names of workflows and steps need not be unique.
    workflows = Workflow.objects.using(using)
    workflow = workflows.filter(name=workflow_name).first() or workflows.create(name=workflow_name)
    for order, (name, groups) in enumerate(steps):
        tasks = GroupApprovalTask.objects.using(using)
        task = tasks.filter(name=name).first() or tasks.create(name=name, content_type=kind)
        task.groups.set(Group.objects.using(using).filter(name__in=groups))
        WorkflowTask.objects.using(using).get_or_create(
            workflow=workflow, task=task, defaults={"sort_order": order}
        )
    root = Page.objects.using(using).filter(depth=1).first()
    if root:
        WorkflowPage.objects.using(using).get_or_create(page=root, defaults={"workflow": workflow})


def make_roles(apps, schema_editor):
    using = schema_editor.connection.alias
    Group = apps.get_model("auth", "Group")
    _remove_workflow(apps, using, WAGTAIL_WORKFLOW, [WAGTAIL_WORKFLOW])
    _free_the_root(apps, using, WAGTAIL_WORKFLOW)
    _remove_groups(apps, using, list(WAGTAIL_GROUPS))
    for name in ROLES:
        Group.objects.using(using).get_or_create(name=name)
    reviewers = ("Edição", "Administração")
    _make_workflow(apps, using, WORKFLOW, [(step, reviewers) for step in STEPS])


def restore_wagtail_groups(apps, schema_editor):
    using = schema_editor.connection.alias
    Collection = apps.get_model("wagtailcore", "Collection")
    Group = apps.get_model("auth", "Group")
    GroupCollectionPermission = apps.get_model("wagtailcore", "GroupCollectionPermission")
    GroupPagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    Page = apps.get_model("wagtailcore", "Page")
    Permission = apps.get_model("auth", "Permission")
    permissions = Permission.objects.using(using)

    _remove_workflow(apps, using, WORKFLOW, STEPS)
    _free_the_root(apps, using, WORKFLOW)
    _remove_groups(apps, using, ROLES)
    root = Page.objects.using(using).filter(depth=1).first()
    collection = Collection.objects.using(using).filter(depth=1).first()
    for name, codenames in WAGTAIL_GROUPS.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.add(
            *permissions.filter(content_type__app_label="wagtailadmin", codename="access_admin")
        )
        for permission in permissions.filter(
            content_type__app_label="wagtailcore", codename__in=codenames
        ):
            if root:
                GroupPagePermission.objects.using(using).get_or_create(
                    group=group, page=root, permission=permission
                )
        for permission in permissions.filter(
            content_type__app_label__in=("wagtailimages", "wagtaildocs"),
            codename__in=WAGTAIL_COLLECTION_PERMISSIONS,
        ):
            if collection:
                GroupCollectionPermission.objects.using(using).get_or_create(
                    group=group, collection=collection, permission=permission
                )
    _make_workflow(apps, using, WAGTAIL_WORKFLOW, [(WAGTAIL_WORKFLOW, ["Moderators"])])


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailadmin", "0006_formstate"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailimages", "0027_image_description"),
    ]

    operations = [migrations.RunPython(make_roles, restore_wagtail_groups)]
