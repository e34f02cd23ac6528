// What nobody needs to see the page is fetched when it has been drawn, with the pictures of its first view: so it takes
// nothing of a slow line from them, from the font or the style. A press that comes before brings it at once, and is made
// again when it is there; where it does not come, links lead on as without script.
{
  const later = document.currentScript.dataset.later.match(/\S+/g) ?? [];
  let coming;
  const bring = () => (coming ??= Promise.allSettled(later.map((address) => import(address))).then(() => {
    removeEventListener("click", wait, true);
  }));
  const wait = (event) => {
    const pressed = event.target.closest("a[data-zoom], a[data-embed-url], a[data-play], [data-copy]");
    if (!pressed || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    bring().then(() => pressed.click());
  };
  addEventListener("click", wait, true);
  addEventListener("load", () => {
    const drawn = new PerformanceObserver(() => { drawn.disconnect(); bring(); });
    drawn.observe({ type: "paint", buffered: true });
  });
}

// High contrast and larger text, kept on this device only and only once chosen. Without script the
// style sheet obeys the boxes by itself, for as long as the page is open.
//
// What was chosen is shown in the first frame, so that the colours do not change before the eyes, but
// read only then: the browser opens its storage meanwhile, and nothing waits for a slow disk.
{
  const root = document.documentElement;
  const read = (key) => { try { return localStorage.getItem(key) ?? ""; } catch { return ""; } };
  const show = () => {
    for (const key of ["contrast", "text"]) {
      if (read(key)) root.dataset[key] = read(key); else delete root.dataset[key];
    }
    for (const input of document.querySelectorAll("[data-preference]")) {
      const isChosen = input.value === read(input.dataset.preference);
      if (input.checked !== isChosen) input.checked = isChosen;
    }
  };
  root.dataset.script = "";
  try { void localStorage; } catch { /* Storage is off. */ }
  requestAnimationFrame(show);
  // The boxes may come after the first frame.
  addEventListener("DOMContentLoaded", () => requestAnimationFrame(show));
  // Also for a page that comes back from the browser's memory, and for a choice made in another tab.
  for (const moment of ["pageshow", "storage"]) addEventListener(moment, show);
  document.addEventListener("change", ({ target }) => {
    const key = target.dataset.preference;
    if (!key) return;
    const value = target.checked ? target.value : "";
    try {
      if (value) localStorage.setItem(key, value); else localStorage.removeItem(key);
      show();
    } catch {
      // Storage is off: the choice lasts as long as the page.
      root.dataset[key] = value;
    }
  });
}
