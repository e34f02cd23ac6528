from wagtail.users.apps import WagtailUsersAppConfig


class PeopleConfig(WagtailUsersAppConfig):
    """Wagtail's administration of users, with the limits of `desk.people`."""

    user_viewset = "desk.people.PeopleViewSet"
