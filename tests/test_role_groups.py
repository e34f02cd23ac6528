"""The groups of the roles, and what the migrations make of Wagtail's own."""

from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from wagtail.models import (
    GroupCollectionPermission,
    GroupPagePermission,
    Workflow,
)

from desk.roles import ROLES, sync_roles
from tests.admin_addresses import Stage
from tests.builders import PersonFactory

# What no database decides.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

R, E, A = NAMES = ("Redação", "Edição", "Administração")


def state_of(group):
    return (
        set(group.permissions.values_list("content_type__app_label", "codename")),
        set(group.page_permissions.values_list("page__depth", "permission__codename")),
        set(group.collection_permissions.values_list("collection__depth", "permission__codename")),
    )


def test_the_groups_are_what_the_table_says_and_wagtails_are_gone():
    assert set(Group.objects.values_list("name", flat=True)) == set(NAMES)
    for role in ROLES:
        models, pages, collections = state_of(Group.objects.get(name=role.name))
        assert {".".join(name) for name in models} == set(role.models)
        assert pages == {(1, codename) for codename in role.pages}
        wanted = {(1, label.split(".")[1]) for label in role.collections}
        assert collections == wanted


def test_a_group_that_was_changed_is_brought_back_and_others_are_left_alone(home):
    group = Group.objects.get(name=R)
    before = state_of(group)
    group.permissions.add(Permission.objects.get(codename="delete_user"))
    group.permissions.remove(Permission.objects.get(codename="access_admin"))
    publish = Permission.objects.get(codename="publish_page")
    GroupPagePermission.objects.create(group=group, page=home, permission=publish)
    GroupCollectionPermission.objects.filter(group=group).first().delete()
    guests = Group.objects.create(name="Convidados")
    guests.permissions.add(Permission.objects.get(codename="delete_user"))

    changes = sync_roles()
    assert changes == {R: 4, E: 0, A: 0}
    assert state_of(group) == before
    assert guests.permissions.count() == 1
    assert sync_roles() == {R: 0, E: 0, A: 0}


def test_migrate_brings_the_groups_back_and_keeps_their_people():
    person = PersonFactory(role=E)
    Group.objects.get(name=E).permissions.clear()
    call_command("migrate", verbosity=0)
    assert state_of(Group.objects.get(name=E))[0]
    assert person.groups.get().name == E


def test_a_permission_that_does_not_exist_is_named(monkeypatch):
    role = replace(ROLES[0], models=("news.fly_newscategory",))
    monkeypatch.setattr("desk.roles.ROLES", (role,))
    with pytest.raises(LookupError, match=r"news\.fly_newscategory"):
        sync_roles()


@pytest.fixture
def migration():
    """The migration that makes the roles, forwards and backwards."""
    module = import_module("desk.migrations.0001_roles")
    editor = SimpleNamespace(connection=connection)
    return SimpleNamespace(
        forwards=lambda: module.make_roles(apps, editor),
        backwards=lambda: module.restore_wagtail_groups(apps, editor),
    )


def groups_and_workflows():
    return (
        set(Group.objects.values_list("name", flat=True)),
        set(Workflow.objects.values_list("name", flat=True)),
    )


def test_the_migration_goes_back_to_wagtails_groups_and_forwards_again(migration, home):
    before = groups_and_workflows()
    migration.backwards()
    assert groups_and_workflows() == ({"Editors", "Moderators"}, {"Moderators approval"})
    assert home.get_workflow().name == "Moderators approval"
    moderators = Group.objects.get(name="Moderators")
    assert {"publish_page", "change_page"} <= {name for _, name in state_of(moderators)[1]}
    migration.forwards()
    assert groups_and_workflows() == before
    assert home.get_workflow().name == "Revisão da ACI"


def test_the_migration_keeps_a_group_with_people_and_a_workflow_with_pages(migration):
    stage = Stage()
    migration.backwards()
    groups, workflows = groups_and_workflows()
    assert {E, R} <= groups, "the author and another person are in them"
    assert A in groups, "a step of the review is theirs"
    assert "Revisão da ACI" in workflows, "a page is in it"
    Group.objects.get(name="Editors").user_set.add(stage.person)
    migration.forwards()
    groups, workflows = groups_and_workflows()
    assert "Editors" in groups
    assert "Moderators" not in groups
    assert workflows == {"Revisão da ACI"}
