"""How an approved page is published (``WAGTAIL_FINISH_WORKFLOW_ACTION``).

Wagtail reads this while its models are loading, so nothing is imported before it is needed.
"""


def publish_approved(workflow_state, user=None):
    """Publish the page at the end of its workflow, unless a justification must be asked for first.

    It stays an approved draft then, and whoever approved it is led to the question. Raises
    ``PermissionDenied``, as Wagtail does, for whoever may approve but not publish.
    """
    from wagtail.actions.publish_page_revision import PublishPageRevisionAction
    from wagtail.workflows import publish_workflow_state

    from .rules import period_of

    page = workflow_state.content_object
    if period_of(page):
        PublishPageRevisionAction(page.get_latest_revision(), user=user).check()
    else:
        publish_workflow_state(workflow_state, user=user)
