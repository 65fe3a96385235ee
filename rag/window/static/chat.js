// Puts the chat together inside the page and follows its address.
import { close } from "./panel.js";
import { element, pause, request, tabs } from "./elements.js";
import { ask, box, edit, focus } from "./box.js";
import { copy, exports_ } from "./exports.js";
import { say_right, toggle_form } from "./feedback.js";
import { refresh, sidebar, toggle, unfold } from "./sidebar.js";
import { clear, conversation, show, state } from "./talk.js";

const HOME = "#chat"; // Gradio's tab
const LOADING = 1000; // milliseconds between two looks whether the model is there

const holds = element("p", { id: "holds-what" });
const loading = element("p", { role: "status", text: "loading", hidden: true });
const title = element("h2", { text: "welcome" });
const welcome = element("div", { className: "welcome" }, title, element("p", { text: "promise" }), holds, loading);
const examples = element("div", { id: "examples" });
const bar = element("div", { id: "bar" }, toggle, exports_);
const talk = element("section", { id: "talk" }, bar, welcome, conversation, examples, box);
const room = element("div", { id: "room" }, sidebar, talk);

const address = () => new URLSearchParams(location.search).get("c");

async function greet() {
  let start = { ready: false, holds: "", examples: [] };
  while (!start.ready) {
    try {
      start = await request(`greeting`);
    } catch {
      await pause(LOADING);
      continue;
    }
    holds.textContent = start.holds;
    loading.hidden = start.ready;
    const card = (question) => element("button", { type: "button", className: "example" }, question);
    examples.replaceChildren(...start.examples.map(card));
    if (!start.ready) await pause(LOADING);
  }
}

async function go(id) {
  close();
  unfold(false);
  edit(null);
  if (id !== address()) history.pushState({}, "", id ? `?c=${id}` : location.pathname);
  await show(id);
  conversation.scrollTop = conversation.scrollHeight;
  refresh();
  focus();
}

document.addEventListener("go", (event) => go(event.detail));
addEventListener("popstate", () => {
  if (address() !== state.id) show(address()).then(refresh);
});
examples.addEventListener("click", (event) => {
  if (event.target.closest("button")) ask(event.target.textContent);
});
conversation.addEventListener("click", (event) => {
  const id = event.target.closest("article")?.dataset.id;
  const action = event.target.closest("button")?.dataset.do;
  if (action === "again") ask(state.turns.get(id).question, { replaces: id });
  if (action === "edit") edit(id);
  if (action === "copy-answer") copy(id);
  if (action === "right") say_right(event.target.closest("article"));
  if (action === "wrong") toggle_form(event.target.closest("article"));
});
document.addEventListener("turns", () => {
  welcome.hidden = examples.hidden = state.turns.size > 0 || Boolean(state.id);
  conversation.hidden = !welcome.hidden;
});
document.addEventListener("language", () => {
  greet();
  if (state.id) show(state.id);
});
tabs.onmessage = (event) => {
  refresh();
  if (event.data === state.id) show(state.id);
};
addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});

// Gradio makes its tab when it has loaded, and may make it again.
function settle() {
  const home = document.querySelector(HOME);
  if (home && !home.contains(room)) {
    home.append(room);
    focus();
  }
}
new MutationObserver(settle).observe(document.body, { subtree: true, childList: true });
settle();
clear();
await refresh(); // first: it brings the cookie that says whose conversations these are
greet();
if (address()) await show(address());
conversation.scrollTop = conversation.scrollHeight;
