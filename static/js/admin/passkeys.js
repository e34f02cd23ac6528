// Asks the browser for a passkey, to make one or to use one, and sends its answer with the form.
// What to ask is in the page, as WebAuthn's own JSON.
(() => {
  const form = document.querySelector("form[data-passkey]");
  const options = document.getElementById("passkey-options");
  if (!form || !options) return;
  const said = form.querySelector("[data-passkey-said]");
  const isKnown = window.PublicKeyCredential?.parseRequestOptionsFromJSON;

  const ask = async () => {
    const asked = JSON.parse(options.textContent);
    if (form.dataset.passkey === "create") {
      return navigator.credentials.create({
        publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked),
      });
    }
    return navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked),
    });
  };

  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    said.textContent = "";
    if (!isKnown) {
      said.textContent = said.dataset.unknown;
      return;
    }
    try {
      const credential = await ask();
      form.elements.answer.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch (error) {
      said.textContent =
        error.name === "InvalidStateError" ? said.dataset.there : said.dataset.failed;
    }
  });
})();
