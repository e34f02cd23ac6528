// Brings the federal government's translator into Libras, for the visitor has asked for it, and lets
// the links of the page lead on with it. The page says where it is.
const place = document.querySelector("[data-vlibras]");
const make = (parent, attribute, name) => {
  const element = document.createElement("div");
  if (attribute) element.setAttribute(attribute, "");
  element.className = name;
  parent.append(element);
  return element;
};
const widget = make(document.body, "vw", "enabled");
make(widget, "vw-access-button", "active");
make(make(widget, "vw-plugin-wrapper", ""), "", "vw-plugin-top-wrapper");
const script = document.createElement("script");
script.src = `${place.dataset.vlibras}/vlibras-plugin.js`;
script.onload = () => new window.VLibras.Widget(place.dataset.vlibras);
script.onerror = () => { place.textContent = place.dataset.failure; };
document.body.append(script);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]:not([rel=nofollow], [type], [download])");
  if (link?.origin !== location.origin || link.getAttribute("href").startsWith("#")) return;
  const url = new URL(link.href);
  url.searchParams.set("libras", "1");
  link.href = url.href;
}, true);
