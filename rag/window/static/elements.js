// What the scripts of the window share: elements, requests, ids.

// Makes an element; properties that name texts of the window follow its language.
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  const { text, label, placeholder, ...others } = properties;
  if (text) made.dataset.text = text;
  if (label) made.dataset.label = label;
  if (placeholder) made.dataset.placeholder = placeholder;
  for (const [name, value] of Object.entries(others)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  speak(made);
  return made;
}

function speak(made) {
  if (made.dataset.text) made.textContent = words(made.dataset.text);
  if (made.dataset.placeholder) made.placeholder = words(made.dataset.placeholder);
  const label = made.dataset.label ?? made.dataset.placeholder;
  if (!label) return;
  made.setAttribute("aria-label", words(label));
  made.title = words(label);
}

document.addEventListener("language", () => {
  document.querySelectorAll("[data-text], [data-label], [data-placeholder]").forEach(speak);
});

export const draw_id = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export class Refused extends Error {}

// Asks the server for JSON. Throws `Refused` with its reason, or TypeError where there is no connection.
export async function request(path, method = "GET", body = undefined) {
  const headers = body ? { "content-type": "application/json" } : {};
  const reply = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const json = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Refused(json.problem ?? words("refused"));
  return json;
}

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// A sentence that stays for some seconds and is read aloud.
const toast = element("p", { id: "toast", role: "status", hidden: true });
document.body.append(toast);
let vanishing = 0;
export function tell(sentence) {
  toast.textContent = sentence;
  toast.hidden = false;
  clearTimeout(vanishing);
  vanishing = setTimeout(() => (toast.hidden = true), 6000);
}
document.addEventListener("notice", (event) => tell(event.detail));

// Other tabs of this browser hear of what changes here.
export const tabs = new BroadcastChannel("conversations");
