// Shows the pictures of a gallery one at a time in a dialog. Without script, or with a modified
// click, the links lead to the pictures themselves.
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

for (const gallery of document.querySelectorAll("[data-gallery]")) {
  const links = [...gallery.querySelectorAll("a[data-zoom]")];
  let current = 0;
  const image = make("img", {});
  const caption = make("p", {});
  const place = make("p", { className: "lightbox__place" });
  const step = (by) => show((current + by + links.length) % links.length);
  const button = (label, act) => make("button", { type: "button", textContent: label, onclick: act });
  const words = gallery.dataset;
  const dialog = make("dialog", { className: "lightbox" },
    make("div", { className: "lightbox__bar" },
      place,
      button(words.previous, () => step(-1)),
      button(words.next, () => step(1)),
      button(words.close, () => dialog.close())),
    image, caption);
  dialog.setAttribute("aria-label", words.gallery);
  place.setAttribute("role", "status");
  const show = (number) => {
    current = number;
    const link = links[number];
    image.src = link.href;
    image.alt = link.querySelector("img").alt;
    caption.textContent = link.closest("figure").querySelector("figcaption")?.textContent ?? "";
    place.textContent = `${number + 1} / ${links.length}`;
  };
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  gallery.append(dialog);
  links.forEach((link, number) => link.addEventListener("click", (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(number);
    dialog.showModal();
  }));
}
