// Forms marked data-passkey: the browser makes a passkey ("make") or answers with one ("use"; "fetch"
// asks the server for the question first), and the answer is sent as the form's field "credential".

const toBytes = (text) => {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
};

const toText = (buffer) => {
  const characters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(characters.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

const withBytes = (descriptors = []) => descriptors.map((one) => ({ ...one, id: toBytes(one.id) }));

function answer(credential, names) {
  const response = {};
  for (const name of names) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

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

async function fetched(form) {
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}

const onThePage = () => JSON.parse(document.getElementById("passkey-options").textContent);

const ways = {
  make: async () => make(onThePage()),
  use: async () => use(onThePage()),
  fetch: async (form) => use(await fetched(form)),
};

// A passkey belongs to a name: at a bare address, as on one's own machine, there is none to sign in with.
const nameless = /^[\d.]+$|^\[/.test(window.location.hostname);

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  if (nameless && form.dataset.passkey === "fetch") continue;
  const trouble = form.querySelector("[data-passkey-trouble]");
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
