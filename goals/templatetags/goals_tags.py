from django import template
from django.db.models import OuterRef, QuerySet, Subquery

from goals.models import GoalIndexPage, GoalPage
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
    goals = GoalPage.objects.published().for_cards()
    choices = page.home_goals.all()
    if isinstance(choices, QuerySet):
        place = choices.filter(goal=OuterRef("pk")).values("sort_order")[:1]
        found = list(goals.in_language_of(page).in_order().annotate(place=Subquery(place)))
        chosen = [goal for goal in found if goal.place is not None]
        return sorted(chosen, key=lambda goal: goal.place) or found
    # In a preview the choices are those of the form, held in memory.
    chosen = [choice.goal_id for choice in choices]
    if not chosen:
        return list(goals.in_language_of(page).in_order())
    by_id = goals.in_bulk(chosen)
    return [by_id[pk] for pk in chosen if pk in by_id]
