from django import forms
from django.utils.translation import gettext_lazy as _

#: Longest question that makes sense; the rest of a longer one is ignored rather than refused.
MAX_LENGTH = 200


class SearchForm(forms.Form):
    q = forms.CharField(label=_("O que você procura?"), required=False)

    def clean_q(self) -> str:
        return " ".join(self.cleaned_data["q"][:MAX_LENGTH].split())
