"""E-mail that Wagtail does not send: that a text is no longer under review.

Wagtail tells of submissions, approvals, requests for changes and comments.
"""

from django.contrib.auth import get_user_model
from wagtail.admin.mail import BaseWorkflowStateEmailNotifier
from wagtail.models import GroupApprovalTask, WorkflowState
from wagtail.signals import workflow_cancelled
from wagtail.users.models import UserProfile


class CancellationNotifier(BaseWorkflowStateEmailNotifier):
    """Tells who submitted the text, and who was to review it, that this is over.

    That is so when the submission is withdrawn, or when somebody publishes past the review.
    """

    notification = "cancelled"
    template_directory = "desk/notices/"

    def get_recipient_users(self, workflow_state, user=None, **kwargs):
        people = get_user_model().objects.filter(is_active=True).exclude(email="")
        reviewers = people.none()
        task_state = workflow_state.current_task_state
        task = task_state.task.specific if task_state else None
        if isinstance(task, GroupApprovalTask):
            reviewers = people.filter(groups__in=task.groups.all())
        recipients = {*reviewers, workflow_state.requested_by}
        return recipients - {user, None}

    def get_valid_recipients(self, workflow_state, **kwargs):
        """Without those who want no word of submissions, or none of what became of their own."""
        wanted = set()
        for person in self.get_recipient_users(workflow_state, **kwargs):
            profile = UserProfile.get_for_user(person)
            is_own = person == workflow_state.requested_by
            wants = profile.rejected_notifications if is_own else profile.submitted_notifications
            if person.is_active and person.email and wants:
                wanted.add(person)
        return wanted

    def get_context(self, workflow_state, user=None, **kwargs):
        context = super().get_context(workflow_state, **kwargs)
        page = context["object"]
        # Publishing ends a review, and is over by then.
        context["is_published"] = bool(
            page.live and page.live_revision_id == page.latest_revision_id
        )
        context["cancelled_by"] = user
        context["title"] = page.get_admin_display_title()
        return context


cancellation_notifier = CancellationNotifier()


def connect() -> None:
    workflow_cancelled.connect(
        cancellation_notifier,
        sender=WorkflowState,
        dispatch_uid="workflow_state_cancelled_email_notification",
    )
