// Opens a player in the page when the visitor asks for it: another service's, or the browser's own,
// which stands in the page for who has no script.
const framed = (link) => {
  const frame = document.createElement("iframe");
  frame.src = link.dataset.embedUrl;
  frame.title = link.dataset.embedTitle;
  frame.allow = "autoplay; fullscreen; picture-in-picture";
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  frame.tabIndex = 0;
  return frame;
};
const own = (link) => {
  const kept = link.parentElement.querySelector("noscript").textContent;
  const video = new DOMParser().parseFromString(kept, "text/html").querySelector("video");
  video.poster = link.querySelector("img")?.currentSrc ?? "";
  return document.adoptNode(video);
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-embed-url], a[data-play]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const isOwn = "play" in link.dataset;
  const player = isOwn ? own(link) : framed(link);
  link.replaceWith(player);
  player.focus();
  if (isOwn) player.play().catch(() => {});
});
