// Opens another service's player in the page when the visitor asks for it. Without script, or
// with a modified click, the link goes to the service.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-embed-url]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const frame = document.createElement("iframe");
  frame.src = link.dataset.embedUrl;
  frame.title = link.dataset.embedTitle;
  frame.allow = "autoplay; fullscreen; picture-in-picture";
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  frame.tabIndex = 0;
  link.replaceWith(frame);
  frame.focus();
});
