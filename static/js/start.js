// Scripts that nobody needs to see the page are fetched when it has been drawn. A press that comes
// before brings them at once, and is made again when they are there (docs/decisions.md).
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

// High contrast and larger text, kept on this device only and only once chosen. Shown in the first
// frame, and read only then: nothing waits while the browser opens its storage.
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
  // A page that comes back from the browser's memory, and a choice made in another tab.
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
