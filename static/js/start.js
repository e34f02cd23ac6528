// What waits for it keeps out of the first layout's task (docs/decisions.md).
const drawn = new Promise((resolve) => new PerformanceObserver(resolve).observe({ type: "paint" }));

// Scripts that nobody needs to see the page come when it has been drawn. A press before brings them
// at once and is repeated.
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
  drawn.then(() => { if (document.readyState === "complete") bring(); else addEventListener("load", bring); });
}

// High contrast and larger text, kept on this device only. Shown by a task of its own, which
// waits for the storage; what was chosen again in the first frame, with the boxes.
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
  try { void localStorage; } catch { /* It is off. */ }
  const frame = requestAnimationFrame(show);
  setTimeout(() => {
    show();
    if (!read("contrast") && !read("text")) cancelAnimationFrame(frame);
  });
  drawn.then(() => {
    show();
    // Back from memory, or chosen in another tab.
    addEventListener("pageshow", show);
    addEventListener("storage", show);
  });
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
