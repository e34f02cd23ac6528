// Shows how easy the text in the preview is to read, each time that Wagtail has looked at it.
document.addEventListener("w-preview:content", async ({ detail }) => {
  const place = document.querySelector("[data-readability]");
  if (!place || !detail?.content) return;
  const level = place.querySelector("[data-readability-level]");
  const advice = place.querySelector("ul");
  const body = new FormData();
  body.set("text", detail.content.innerText);
  body.set("language", detail.content.lang);
  body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  try {
    const answer = await fetch(place.dataset.readability, { method: "POST", body });
    if (!answer.ok) return;
    const told = await answer.json();
    level.textContent = told.level || "-";
    advice.replaceChildren(...told.advice.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }));
  } catch {
    // Without a connection the last measure stays.
  }
});
