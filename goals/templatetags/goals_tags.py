from django import template

from goals.models import GoalIndexPage, GoalPage, public_goals
from pages.templatetags.site_tags import active_language, remember

register = template.Library()


@register.simple_tag(takes_context=True)
def goal_index(context) -> GoalIndexPage | None:
    """The list of goals in the language of the page, when visitors may see it."""
    language = active_language(context)
    return remember(
        context,
        f"goal_index_{language}",
        lambda: GoalIndexPage.objects.published().in_language(language).first(),
    )


@register.simple_tag
def home_goals(page) -> list[GoalPage]:
    """The goals that the editors chose for the home page, in their order; all, if none chosen."""
    goals = {goal.pk: goal for goal in public_goals()}
    chosen = dict.fromkeys(choice.goal_id for choice in page.home_goals.all())
    return [goals[pk] for pk in chosen if pk in goals] or [
        goal for goal in goals.values() if goal.locale_id == page.locale_id
    ]
