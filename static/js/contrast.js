// High contrast, remembered on this device only and only when asked for. Without script the
// system's own setting gives the same colours.
const root = document.documentElement;
const button = document.querySelector("[data-contrast-toggle]");
const read = () => { try { return localStorage.getItem("contrast"); } catch { return null; } };
const show = (on) => {
  if (on) root.dataset.contrast = "high"; else delete root.dataset.contrast;
  button?.setAttribute("aria-pressed", String(on));
};
show(read() === "high");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const on = root.dataset.contrast !== "high";
    show(on);
    try {
      if (on) localStorage.setItem("contrast", "high"); else localStorage.removeItem("contrast");
    } catch { /* Storage is off: the choice lasts as long as the page. */ }
  });
}
