from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def second_factor_is_required(app_configs, **kwargs):
    """Production asks those who publish for a second factor."""
    if settings.REQUIRE_SECOND_FACTOR:
        return []
    return [
        checks.Warning(
            "REQUIRE_SECOND_FACTOR is off: a guessed or stolen password is enough to publish.",
            id="sign_in.W001",
        )
    ]
