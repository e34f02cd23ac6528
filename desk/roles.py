"""Who may do what: one table, and the groups of Wagtail made to say what it says.

A person has a role by being in its group. What a role may do is written here and nowhere else:
`sync_roles`, which every `migrate` runs, takes away from the three groups what is not in the table.
Other groups are left alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page


@dataclass(frozen=True)
class Role:
    """What the members of a group may do."""

    #: Name of the group, as the staff reads it.
    name: str
    #: On every page of every language: codenames of permissions of ``wagtailcore``.
    pages: tuple[str, ...] = ()
    #: In every collection: ``app.codename``.
    collections: tuple[str, ...] = ()
    #: Anywhere: ``app.codename``.
    models: tuple[str, ...] = ()


def _each(label: str, *actions: str) -> tuple[str, ...]:
    """The permissions to do ``actions`` with the model ``label``, as ``news.newscategory``."""
    app, model = label.split(".")
    return tuple(f"{app}.{action}_{model}" for action in actions)


ALL = ("add", "change", "delete")

#: Writes drafts of every kind and submits them. One's own images and documents may be changed,
#: those of others only chosen. Without `publish_page`, a published page is changed by a draft only,
#: and only what was never published can be deleted or moved.
WRITING = Role(
    name="Redação",
    pages=("add_page", "change_page"),
    collections=(
        *_each("wagtailimages.image", "add", "choose"),
        *_each("wagtaildocs.document", "add", "choose"),
    ),
    models=(
        "wagtailadmin.access_admin",
        "simple_translation.submit_translation",
        *_each("pages.videofile", "add", "change"),
    ),
)

#: Reviews and publishes, and keeps what leads visitors to the pages.
EDITING = Role(
    name="Edição",
    pages=(
        *WRITING.pages,
        "publish_page",
        "bulk_delete_page",
        "lock_page",
        "unlock_page",
    ),
    collections=(
        *_each("wagtailimages.image", "add", "change", "choose"),
        *_each("wagtaildocs.document", "add", "change", "choose"),
    ),
    models=(
        *WRITING.models,
        *_each("pages.videofile", "delete"),
        *_each("pages.menu", *ALL),
        *_each("pages.sitenotice", *ALL),
        *_each("news.newscategory", *ALL),
        *_each("search.promotedresult", *ALL),
        *_each("wagtailredirects.redirect", *ALL),
        # Reads what visitors wrote, and says that it was answered.
        *_each("contact.contactmessage", "view", "change"),
        # Images and documents are allowed by collection; these show their history.
        *_each("pages.siteimage", "view"),
        *_each("pages.sitedocument", "view"),
    ),
)

#: Looks after people and settings, and may do all that Edição may.
ADMINISTRATION = Role(
    name="Administração",
    pages=EDITING.pages,
    collections=(*EDITING.collections, *_each("wagtailcore.collection", *ALL)),
    models=(
        *EDITING.models,
        # Nobody deletes an identity: without it the site has no name.
        *_each("pages.siteidentity", "add", "change"),
        *_each("pages.electionperiod", *ALL),
        *_each("desk.electionjustification", "view"),
        "contact.change_dataofficer",
        # At the request of who wrote it.
        "contact.delete_contactmessage",
        # For good, out of the recycle bin.
        *_each("desk.trashedpage", "delete"),
        *_each("auth.user", *ALL),
        *_each("auth.group", *ALL),
        *_each("wagtailcore.site", *ALL),
        *_each("wagtailcore.locale", *ALL),
        *_each("wagtailcore.workflow", *ALL),
        *_each("wagtailcore.task", *ALL),
    ),
)

ROLES = (WRITING, EDITING, ADMINISTRATION)


def _permissions(labels: Iterable[str], using: str) -> list[Permission]:
    """The permissions named ``app.codename``.

    Raises LookupError naming those that the database does not have.
    """
    wanted = {tuple(label.split(".")) for label in labels}
    rows = Permission.objects.using(using).filter(
        content_type__app_label__in={app for app, _ in wanted},
        codename__in={codename for _, codename in wanted},
    )
    found = {
        (row.content_type.app_label, row.codename): row
        for row in rows.select_related("content_type")
    }
    if missing := wanted - found.keys():
        names = ", ".join(sorted(".".join(name) for name in missing))
        raise LookupError(f"There are no such permissions: {names}")
    return [found[name] for name in sorted(wanted)]


def _sync_places(model, group: Group, field: str, place, wanted: list[Permission]) -> int:
    """Leave to ``group`` the permissions ``wanted`` at ``place``, and none elsewhere.

    ``model`` joins groups, permissions and places, to which its ``field`` leads. Gives the number
    of changes.
    """
    rows = model.objects.using(group._state.db).filter(group=group)
    here = rows.filter(**{field: place})
    extra = rows.exclude(pk__in=here.filter(permission__in=wanted).values("pk"))
    removed = [row.delete() for row in extra]
    missing = {permission.pk for permission in wanted} - set(
        here.values_list("permission_id", flat=True)
    )
    for key in missing:
        rows.create(group=group, permission_id=key, **{field: place})
    return len(removed) + len(missing)


def _sync_role(role: Role, using: str) -> int:
    group, is_new = Group.objects.using(using).get_or_create(name=role.name)
    wanted = set(_permissions(role.models, using))
    there = set(group.permissions.all())
    if wanted != there:
        group.permissions.set(wanted)
    changes = is_new + len(wanted ^ there)
    pages = [f"wagtailcore.{codename}" for codename in role.pages]
    for model, field, places, labels in (
        (GroupPagePermission, "page", Page, pages),
        (GroupCollectionPermission, "collection", Collection, role.collections),
    ):
        # The root holds the trees of all languages, those to come too. Tests may empty the table.
        if root := places.objects.using(using).filter(depth=1).first():
            changes += _sync_places(model, group, field, root, _permissions(labels, using))
    return changes


def sync_roles(using: str = "default") -> dict[str, int]:
    """Bring the groups of the roles to what the table says; how much changed, by role's name.

    Raises LookupError for a permission that does not exist, and changes nothing then.
    """
    with transaction.atomic(using=using):
        return {role.name: _sync_role(role, using) for role in ROLES}


def labels_in_use() -> set[str]:
    """The apps whose permissions the table names."""
    named = (label for role in ROLES for label in (*role.models, *role.collections))
    return {label.split(".")[0] for label in named} | {"wagtailcore"}


def sync_after_migrate(using, **kwargs):
    """After each `migrate`: make the permissions that are still missing, then the roles.

    Django makes an app's permissions after its migrations, app by app, and those of the apps below
    come later than this.
    """
    applied = MigrationRecorder(connections[using]).migration_qs.filter(app="desk")
    if not applied.exists():
        return  # migrated back to before there were roles
    for label in labels_in_use():
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    sync_roles(using)
