// Shows the pictures of a gallery one at a time in a dialog.
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const open = (gallery, links, first) => {
  let current = first;
  const image = make("img", {});
  const caption = make("p", {});
  const place = make("p", { className: "lightbox__place" });
  const show = (number) => {
    current = (number + links.length) % links.length;
    const link = links[current];
    image.src = link.href;
    image.alt = link.querySelector("img")?.alt ?? "";
    caption.textContent = link.closest("figure").querySelector("figcaption")?.textContent ?? "";
    place.textContent = `${current + 1} / ${links.length}`;
  };
  const button = (label, act) => make("button", { type: "button", textContent: label, onclick: act });
  const words = gallery.dataset;
  const dialog = make("dialog", { className: "lightbox" },
    make("div", { className: "lightbox__bar" },
      place,
      button(words.previous, () => show(current - 1)),
      button(words.next, () => show(current + 1)),
      button(words.close, () => dialog.close())),
    image, caption);
  dialog.setAttribute("aria-label", words.gallery);
  place.setAttribute("role", "status");
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(current - 1);
    if (event.key === "ArrowRight") show(current + 1);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  gallery.append(dialog);
  show(first);
  dialog.showModal();
};

for (const gallery of document.querySelectorAll("[data-gallery]")) {
  const links = [...gallery.querySelectorAll("a[data-zoom]")];
  links.forEach((link, number) => link.addEventListener("click", (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(gallery, links, number);
  }));
}
