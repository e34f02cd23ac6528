// The button that starts a search in a list or a chooser is named in English, past all
// translations, and only screen readers tell it. Choosers are loaded after the page.
const nameSearches = () => {
  for (const button of document.querySelectorAll('input[type="submit"][value="Search"]')) {
    button.value = 'Pesquisar';
  }
};

new MutationObserver(nameSearches).observe(document.documentElement, { childList: true, subtree: true });
nameSearches();
