// Forms marked data-passkey: the browser makes a passkey ("make") or answers with one ("use"; "fetch"
// asks the server for the question first), and the answer is sent as the form's field "credential".

/**
 * @typedef {HTMLFormElement & {dataset: {passkey: keyof typeof ways}, elements: {credential: HTMLInputElement}}} PasskeyForm
 * @typedef {{id: string, type: "public-key"}} Descriptor  with the id as the server writes it
 * @typedef {{creation_options: {publicKey: any}}} ToMake  the server's question, in base64 where bytes are meant
 * @typedef {{request_options: {publicKey: any}}} ToUse
 */

/** @param {string} text */
const toBytes = (text) => {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
};

/** @param {ArrayBuffer} buffer */
const toText = (buffer) => {
  const characters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(characters.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

/** @param {Descriptor[]} descriptors */
const withBytes = (descriptors = []) => descriptors.map((one) => ({ ...one, id: toBytes(one.id) }));

/** @param {Credential | null} made @param {string[]} names */
function answer(made, names) {
  const credential = /** @type {PublicKeyCredential} */ (made);
  const parts = /** @type {Record<string, ArrayBuffer>} */ (/** @type {unknown} */ (credential.response));
  /** @type {Record<string, string>} */
  const response = {};
  for (const name of names) {
    if (parts[name]) response[name] = toText(parts[name]);
  }
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

/** @param {ToMake} question */
async function make(question) {
  const asked = question.creation_options.publicKey;
  const credential = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: toBytes(asked.challenge),
      user: { ...asked.user, id: toBytes(asked.user.id) },
      excludeCredentials: withBytes(asked.excludeCredentials),
      // So that the passkey alone can sign in: it is kept with the account's name, and asks for a finger or a PIN.
      authenticatorSelection: {
        ...asked.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    },
  });
  return answer(credential, ["clientDataJSON", "attestationObject"]);
}

/** @param {ToUse} question */
async function use(question) {
  const asked = question.request_options.publicKey;
  const credential = await navigator.credentials.get({
    publicKey: {
      ...asked,
      challenge: toBytes(asked.challenge),
      allowCredentials: withBytes(asked.allowCredentials),
    },
  });
  return answer(credential, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
}

/** @param {PasskeyForm} form */
async function fetched(form) {
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}

const onThePage = () => JSON.parse(document.getElementById("passkey-options")?.textContent ?? "");

const ways = {
  make: async () => make(onThePage()),
  use: async () => use(onThePage()),
  /** @param {PasskeyForm} form */
  fetch: async (form) => use(await fetched(form)),
};

// A passkey belongs to a name: at a bare address, as on one's own machine, there is none to sign in with.
const nameless = /^[\d.]+$|^\[/.test(window.location.hostname);

/** @type {NodeListOf<PasskeyForm>} */
const forms = document.querySelectorAll("form[data-passkey]");
for (const form of forms) {
  if (!window.PublicKeyCredential) break;
  if (nameless && form.dataset.passkey === "fetch") continue;
  const trouble = /** @type {HTMLElement} */ (form.querySelector("[data-passkey-trouble]"));
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    trouble.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await ways[form.dataset.passkey](form));
      form.submit();
    } catch {
      trouble.hidden = false;
    }
  });
}
