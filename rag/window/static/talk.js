// The turns of the conversation that is shown, and how their answers come.
import { element, pause, Refused, request, tabs, tell } from "./elements.js";

export const conversation = element("div", { id: "conversation", role: "log", "aria-live": "polite", tabIndex: 0 });
export const state = { id: null, turns: new Map() }; // the conversation shown, and what is known of its turns

const RETRY = 2000; // milliseconds

export const is_answering = () => [...state.turns.values()].some((turn) => turn.state === "answering");

function article_of(id) {
  return conversation.querySelector(`article[data-id="${id}"]`);
}

function actions(turn) {
  if (turn.state === "answering") return [];
  const button = (text, action) => element("button", { type: "button", text, "data-do": action });
  const file = (text, form) =>
    element("a", { text, href: `conversations/turns/${turn.id}/export?form=${form}`, download: "" });
  const takes = [button("copy_answer", "copy-answer"), file("as_word", "docx"), file("as_markdown", "md")];
  const has_answer = turn.state === "answered" || turn.state === "stopped";
  const opinions = [button("say_right", "right"), button("say_wrong", "wrong")];
  const more = [button("again", "again"), button("edit", "edit")];
  return has_answer ? [...takes, ...more, ...opinions] : more;
}

// Draws a turn where it stands; `before` is the article whose place it takes.
export function draw(turn, before = null) {
  const known = state.turns.get(turn.id);
  state.turns.set(turn.id, turn);
  let article = article_of(turn.id);
  if (!article) {
    article = element("article", { className: "turn", "data-id": turn.id });
    const question = element("p");
    question.textContent = turn.question.replace(/ (?=[?!:;»])|(?<=«) /g, "\u00a0"); // no line begins with a mark
    const answer = element("div", { className: "message bot" });
    article.append(element("div", { className: "message user" }, question), answer);
    article.append(element("div", { className: "actions" }));
    if (before) before.replaceWith(article);
    else conversation.append(article);
  }
  if (known?.html !== turn.html) article.querySelector(".bot").innerHTML = turn.html;
  if (known?.state !== turn.state || !known) article.querySelector(".actions").replaceChildren(...actions(turn));
  article.classList.toggle("answering", turn.state === "answering");
  document.dispatchEvent(new Event("turns"));
  return article;
}

export function to_view(article) {
  const is_calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  article.scrollIntoView({ block: "start", behavior: is_calm ? "auto" : "smooth" });
}

// Shows an answer as it grows, also over a connection that comes and goes.
export async function follow(turn) {
  let is_offline = false;
  while (turn.state === "answering" && state.turns.has(turn.id)) {
    try {
      turn = await request(`conversations/turns/${turn.id}?seen=${turn.version}`);
      is_offline = false;
    } catch (problem) {
      if (problem instanceof Refused) return tell(problem.message);
      if (!is_offline) tell(words("reconnecting"));
      is_offline = true;
      await pause(RETRY);
      continue;
    }
    if (state.turns.has(turn.id)) draw(turn);
  }
  if (turn.state !== "answering") tabs.postMessage(turn.conversation);
}

export function clear() {
  state.id = null;
  state.turns.clear();
  conversation.replaceChildren();
  name_tab("");
  document.dispatchEvent(new CustomEvent("chosen", { detail: {} }));
  document.dispatchEvent(new Event("turns"));
}

// Shows a conversation as it is kept; one that is not there any more is said to be so.
export async function show(id) {
  if (!id) return clear();
  let kept;
  try {
    kept = await request(`conversations/${id}`);
  } catch (problem) {
    if (problem instanceof Refused) clear();
    return tell(problem instanceof Refused ? problem.message : words("refused"));
  }
  if (state.id !== id) {
    clear();
    document.dispatchEvent(new CustomEvent("chosen", { detail: kept.chosen }));
  }
  state.id = id;
  name_tab(kept.title);
  const there = new Set(kept.turns.map((turn) => turn.id));
  for (const id of state.turns.keys()) {
    if (there.has(id)) continue;
    article_of(id)?.remove();
    state.turns.delete(id);
  }
  for (const turn of kept.turns) {
    const was_followed = state.turns.get(turn.id)?.state === "answering";
    const article = draw(turn);
    conversation.append(article);
    if (turn.state === "answering" && !was_followed) follow(turn);
  }
  document.dispatchEvent(new Event("turns"));
}
