// The box: always open, it asks, recalls, edits and stops, and keeps a question that could not be sent.
import { choice, chosen } from "./chooser.js";
import { draw_id, element, Refused, request, tabs, tell } from "./elements.js";
import { conversation, draw, follow, is_answering, state, to_view } from "./talk.js";

const RETRY = 3000; // milliseconds

const field = element("textarea", { rows: 1, placeholder: "ask_placeholder", label: "question", maxLength: 20000 });
const send = element("button", { id: "send", type: "submit", text: "send" });
const stop = element("button", { id: "stop", type: "button", text: "stop", hidden: true });
const cancel = element("button", { type: "button", text: "cancel" });
const notice = element("p", { id: "notice", className: "notice", role: "status", hidden: true });
const edited = element("p", { id: "editing", hidden: true }, element("span", { text: "editing" }), " ", cancel);
export const box = element(
  "form",
  { id: "ask" },
  edited,
  notice,
  choice,
  element("div", { id: "line" }, element("div", { id: "question" }, field), send, stop),
  element("p", { id: "keys", className: "aside", text: "keys" }),
);

let unsent = null; // a question that waits for the connection
let replaced = null; // the id of the turn that is being edited
let recalled = 0; // how many questions back the box shows

function fit() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, innerHeight / 3)}px`;
}

function write(words_) {
  field.value = words_;
  fit();
}

export function focus() {
  if (matchMedia("(pointer: fine)").matches) field.focus({ preventScroll: true });
}

export function edit(id) {
  replaced = id;
  edited.hidden = id === null;
  if (id) write(state.turns.get(id).question);
  if (id) field.focus();
}

// Asks: the question is shown when the server has it. A question that cannot be sent stays in the box.
export async function ask(question, { replaces = null, turn = draw_id(), is_typed = false } = {}) {
  const sent = { turn, question, conversation: state.id, replaces, chosen: chosen() };
  if (is_typed) write("");
  let asked;
  try {
    asked = await request("conversations", "POST", sent);
  } catch (problem) {
    if (problem instanceof Refused) tell(problem.message);
    else wait(sent);
    write([question, field.value].filter(Boolean).join("\n"));
    return;
  }
  if (state.id !== sent.conversation) return; // another conversation was opened meanwhile
  const is_first = state.id === null;
  if (is_first) {
    state.id = asked.conversation;
    history.pushState({}, "", `?c=${asked.conversation}`);
    name_tab(question);
  }
  const before = replaces && conversation.querySelector(`article[data-id="${replaces}"]`);
  if (replaces) state.turns.delete(replaces);
  to_view(draw(asked, before));
  tabs.postMessage(asked.conversation);
  document.dispatchEvent(new Event("listed"));
  await follow(asked);
  const article = conversation.querySelector(`article[data-id="${asked.id}"]`);
  if (article && !article.nextElementSibling) to_view(article); // its beginning, not its end
}

function wait(sent) {
  unsent = sent;
  notice.textContent = words("offline");
  notice.hidden = false;
}

function forget() {
  unsent = null;
  notice.hidden = true;
}

async function try_again() {
  if (!unsent) return;
  const { question, ...others } = unsent;
  if (field.value.trim() !== question || state.id !== others.conversation) return forget(); // it was changed
  try {
    await fetch("healthz");
  } catch {
    return;
  }
  if (!unsent) return;
  forget();
  ask(question, { ...others, is_typed: true });
}
setInterval(try_again, RETRY);
addEventListener("online", try_again);

function recall(step) {
  const questions = [...state.turns.values()].map((turn) => turn.question).reverse();
  recalled = Math.max(0, Math.min(questions.length, recalled + step));
  write(recalled ? questions[recalled - 1] : "");
}

box.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = field.value.trim();
  if (!question) return;
  const replaces = replaced;
  forget();
  edit(null);
  recalled = 0;
  ask(question, { replaces, is_typed: true });
});

field.addEventListener("input", fit);
field.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const is_recalling = recalled > 0 || !field.value;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    box.requestSubmit();
  } else if (is_recalling && ["ArrowUp", "ArrowDown"].includes(event.key)) {
    event.preventDefault();
    recall(event.key === "ArrowUp" ? 1 : -1);
  } else if (event.key.length === 1) recalled = 0;
});

cancel.addEventListener("click", () => {
  edit(null);
  write("");
});
stop.addEventListener("click", async () => {
  const turn = [...state.turns.values()].find((each) => each.state === "answering"); // the others wait for it
  if (!turn) return;
  try {
    draw(await request(`conversations/turns/${turn.id}/stop`, "POST"));
  } catch {
    tell(words("refused"));
  }
});
document.addEventListener("turns", () => {
  stop.hidden = !is_answering();
});
