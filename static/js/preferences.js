// High contrast and larger text, kept on this device only and only once chosen. Runs before the page
// is drawn, so that the colours do not change before the eyes. Without script the style sheet obeys
// the boxes by itself, for as long as the page is open.
{
  const root = document.documentElement;
  const read = (key) => { try { return localStorage.getItem(key) ?? ""; } catch { return ""; } };
  const show = () => {
    for (const key of ["contrast", "text"]) {
      if (read(key)) root.dataset[key] = read(key); else delete root.dataset[key];
    }
    for (const input of document.querySelectorAll("[data-preference]")) input.checked = input.value === read(input.dataset.preference);
  };
  root.dataset.script = "";
  show();
  // Also for a page that comes back from the browser's memory, and for a choice made in another tab.
  for (const moment of ["DOMContentLoaded", "pageshow", "storage"]) addEventListener(moment, show);
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
