// The conversations at the left: by date, searchable, renamed, deleted.
import { element, request, tabs, tell } from "./elements.js";
import { state } from "./talk.js";

const DAY = 24 * 3600 * 1000;

const fresh = element("button", { id: "fresh", type: "button", text: "new_chat" });
const search = element("input", { type: "search", placeholder: "search_conversations" });
const feedback = element("a", { id: "opinions", href: "feedback", text: "feedback_title" });
const list = element("div", { id: "list" });
export const sidebar = element("nav", { id: "conversations", label: "conversations" }, fresh, search, list, feedback);
export const toggle = element("button", { id: "toggle", type: "button", text: "conversations", "aria-expanded": "false" });

function group_of(changed) {
  const midnight = new Date().setHours(0, 0, 0, 0);
  const time = new Date(changed).getTime();
  if (time >= midnight) return "today";
  if (time >= midnight - DAY) return "yesterday";
  return time >= midnight - 7 * DAY ? "this_week" : "earlier";
}

function row(each) {
  const link = element("a", { href: `?c=${each.id}`, className: "name" });
  link.textContent = each.title;
  if (each.id === state.id) link.setAttribute("aria-current", "page");
  const rename = element("button", { type: "button", label: "rename", "data-do": "rename" }, "✎");
  const remove = element("button", { type: "button", label: "delete_conversation", "data-do": "delete" }, "✕");
  return element("li", { "data-id": each.id }, link, rename, remove);
}

export async function refresh() {
  let known;
  try {
    known = await request(`conversations?${new URLSearchParams({ words: search.value })}`);
  } catch {
    return; // the list stays as it is
  }
  list.replaceChildren();
  let group = "";
  for (const each of known) {
    if (group_of(each.changed) !== group) {
      group = group_of(each.changed);
      list.append(element("h3", { text: group }), element("ul"));
    }
    list.lastElementChild.append(row(each));
  }
  if (!known.length) list.append(element("p", { className: "aside", text: "no_conversations" }));
}

async function change(id, method, body) {
  try {
    await request(`conversations/${id}`, method, body);
  } catch (problem) {
    tell(problem instanceof TypeError ? words("refused") : problem.message);
  }
  tabs.postMessage(id);
  refresh();
}

function ask_name(item) {
  const link = item.querySelector("a");
  const field = element("input", { value: link.textContent, label: "rename", maxLength: 200 });
  item.replaceChildren(field);
  field.select();
  let is_done = false;
  const done = (title) => {
    if (is_done) return;
    is_done = true;
    if (!title) return refresh();
    if (item.dataset.id === state.id) name_tab(title);
    change(item.dataset.id, "PATCH", { title });
  };
  field.addEventListener("blur", () => done(field.value.trim()));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") done(field.value.trim());
    if (event.key === "Escape") done("");
  });
}

function ask_whether(item) {
  const yes = element("button", { type: "button", text: "confirm_delete", className: "yes" });
  const no = element("button", { type: "button", text: "cancel" });
  item.replaceChildren(element("p", { role: "alert", text: "confirm_conversation" }), yes, no);
  no.addEventListener("click", refresh);
  yes.addEventListener("click", async () => {
    await change(item.dataset.id, "DELETE");
    if (item.dataset.id === state.id) document.dispatchEvent(new CustomEvent("go", { detail: null }));
  });
  yes.focus();
}

sidebar.addEventListener("click", (event) => {
  const item = event.target.closest("li");
  const action = event.target.closest("button")?.dataset.do;
  if (action === "rename") ask_name(item);
  if (action === "delete") ask_whether(item);
  const link = event.target.closest("a.name");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("go", { detail: item.dataset.id }));
  }
  if (event.target === fresh) document.dispatchEvent(new CustomEvent("go", { detail: null }));
});

let typing = 0;
search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(refresh, 200);
});
export function unfold(is_open) {
  document.body.classList.toggle("listing", is_open);
  toggle.setAttribute("aria-expanded", String(is_open));
}
toggle.addEventListener("click", () => unfold(!document.body.classList.contains("listing")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") unfold(false);
});
document.addEventListener("listed", refresh);
