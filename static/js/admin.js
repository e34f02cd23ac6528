// The button that starts a search in a list or a chooser is named in English everywhere. Choosers
// are loaded after the page.
const nameSearches = () => {
  for (const button of document.querySelectorAll('input[type="submit"][value="Search"]')) {
    button.value = 'Pesquisar';
  }
};

new MutationObserver(nameSearches).observe(document.documentElement, { childList: true, subtree: true });
nameSearches();

// A form that is being saved by itself is sent when that is done, and once: or a new page would be made
// twice, and the second refused for its address.
const keepOrder = (form) => {
  let saving = false;
  let sent = false;
  let waiting = null;

  form.addEventListener('w-autosave:save', (event) => {
    if (sent || waiting) event.preventDefault();
    else saving = true;
  });
  for (const end of ['w-autosave:success', 'w-autosave:error']) {
    form.addEventListener(end, () => {
      saving = false;
      if (!waiting) return;
      const { submitter } = waiting;
      waiting = null;
      if (submitter) submitter.disabled = false;
      form.requestSubmit(submitter);
    });
  }
  form.addEventListener('submit', (event) => {
    if (sent || waiting) event.preventDefault();
    else if (saving) {
      event.preventDefault();
      waiting = event;
    } else sent = true;
  }, { capture: true });
  // Back from a page that did not come.
  addEventListener('pageshow', () => { sent = false; });
};

document.querySelectorAll('[data-edit-form]').forEach(keepOrder);
