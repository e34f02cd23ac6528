// A notice that the visitor puts away stays away, on this device only.
{
  const bars = [...document.querySelectorAll("[data-notice]")];
  const putAway = () => { try { return (localStorage.getItem("notices") ?? "").split(" "); } catch { return []; } };
  for (const bar of bars) {
    const button = bar.querySelector("button");
    if (putAway().includes(bar.dataset.notice)) { bar.remove(); continue; }
    button.hidden = false;
    button.addEventListener("click", () => {
      const away = [...putAway(), bar.dataset.notice].filter(key => bars.some(each => each.dataset.notice === key));
      try { localStorage.setItem("notices", away.join(" ")); } catch { /* It stays away while the page is open. */ }
      bar.remove();
      document.getElementById("conteudo").focus({ preventScroll: true });
    });
  }
}
