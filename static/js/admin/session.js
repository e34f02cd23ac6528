// Keeps what an editor writes when the session ends: warns before, and asks whether one is still
// signed in before a form leaves the page. After signing in again, in another tab, the form goes on.
(() => {
  const said = document.currentScript.dataset;
  if (document.body.classList.contains("login")) return;

  const WARN_BEFORE = 5 * 60; // seconds
  const FIRST_LOOK = 30;
  let timer;

  const look = async (method = "GET") => {
    const headers = { "X-Requested-With": "XMLHttpRequest" };
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (method === "POST" && token) headers["X-CSRFToken"] = token.value;
    const answer = await fetch(said.sessionUrl, { method, headers, cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    const state = await answer.json();
    // Signing in changes the token that forms carry.
    if (state.signed_in) {
      for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
        input.value = state.csrf;
      }
    }
    plan(state);
    return state;
  };

  const plan = (state) => {
    clearTimeout(timer);
    if (!state.signed_in) return;
    const wait = Math.max(state.left - WARN_BEFORE, 60);
    timer = setTimeout(watch, wait * 1000);
  };

  const watch = async () => {
    try {
      const state = await look();
      if (!state.signed_in) return tell(said.ended, [enter(), back()]);
      if (state.left > WARN_BEFORE) return undefined;
      return state.can_stay
        ? tell(said.ending, [button(said.stay, () => look("POST"))])
        : tell(said.endingForGood, [button(said.close)]);
    } catch {
      timer = setTimeout(watch, 60 * 1000);
      return undefined;
    }
  };

  // The dialogue ------------------------------------------------------------------------------

  let dialog;
  const button = (text, act) => {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "button";
    element.textContent = text;
    element.addEventListener("click", async () => {
      dialog.close();
      try {
        await act?.();
      } catch {
        tell(said.offline, [button(said.close)]);
      }
    });
    return element;
  };
  const enter = () => {
    const link = document.createElement("a");
    link.className = "button";
    link.target = "_blank";
    link.href = said.signInUrl;
    link.textContent = said.enter;
    return link;
  };
  const back = () =>
    button(said.back, async () => {
      const state = await look();
      if (!state.signed_in) tell(said.ended, [enter(), back()]);
    });
  const tell = (text, actions) => {
    dialog?.remove();
    dialog = document.createElement("dialog");
    dialog.className = "session-dialog";
    const words = document.createElement("p");
    words.id = "session-dialog-words";
    words.textContent = text;
    dialog.setAttribute("aria-labelledby", words.id);
    const row = document.createElement("p");
    row.className = "session-dialog__actions";
    row.append(...actions);
    dialog.append(words, row);
    document.body.append(dialog);
    dialog.showModal();
  };

  // Before a form leaves ----------------------------------------------------------------------

  const passed = new WeakSet();
  const hold = (submitter, text, actions) => {
    // Wagtail's button would show its progress, and take no press, for half a minute.
    submitter?.setAttribute("data-w-progress-loading-value", "false");
    tell(text, actions);
  };
  window.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      if (form.getAttribute("method")?.toLowerCase() !== "post" || !form.closest("main") || passed.delete(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const { submitter } = event;
      try {
        const state = await look();
        if (!state.signed_in) return hold(submitter, said.ended, [enter(), back()]);
      } catch {
        return hold(submitter, said.offline, [button(said.close)]);
      }
      passed.add(form);
      // A button that shows its progress is disabled by now, and would not be sent.
      const wasDisabled = submitter?.disabled;
      if (wasDisabled) submitter.disabled = false;
      form.requestSubmit(submitter);
      passed.delete(form);
      if (wasDisabled) submitter.disabled = true;
      return undefined;
    },
    true,
  );

  timer = setTimeout(watch, FIRST_LOOK * 1000);
})();
