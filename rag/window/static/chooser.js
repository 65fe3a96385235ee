// Which documents may answer: ticked in a list, shown as chips over the box, kept by the conversation.
import { element, request, tell } from "./elements.js";

const TICKABLE = 200; // rows of the list
let ticked = []; // {kind, name, title}

const chips = element("div", { id: "chips" });
const open = element("button", { id: "choose", type: "button", text: "choose", "aria-expanded": "false" });
const filter = element("input", { type: "search", placeholder: "filter" });
const list = element("div", { id: "tickable" });
const chooser = element("div", { id: "chooser", role: "group", label: "choose", hidden: true }, filter, list);
export const choice = element("div", { id: "choice" }, chips, open, chooser);

export function chosen() {
  const names = (kind) => ticked.filter((each) => each.kind === kind).map((each) => each.name);
  return { sources: names("sources"), folders: names("folders") };
}

const is_ticked = (each) => ticked.some((other) => other.kind === each.kind && other.name === each.name);

function tick(each, is_on) {
  ticked = ticked.filter((other) => other.kind !== each.kind || other.name !== each.name);
  if (is_on) ticked.push(each);
  draw_chips();
}

function draw_chips() {
  chips.replaceChildren(
    ...ticked.map((each) => {
      const remove = element("button", { type: "button", label: "unchoose" }, "✕");
      remove.addEventListener("click", () => tick(each, false));
      const name = element("span");
      name.textContent = each.title;
      return element("span", { className: "chip" }, name, remove);
    }),
  );
}

async function draw_list() {
  let known;
  try {
    known = await request("conversations/documents");
  } catch {
    return tell(words("refused"));
  }
  const wanted = filter.value.trim().toLowerCase();
  const shown = known.filter((each) => `${each.title} ${each.name}`.toLowerCase().includes(wanted));
  list.replaceChildren(
    ...shown.slice(0, TICKABLE).map((each) => {
      const box = element("input", { type: "checkbox", checked: is_ticked(each) });
      box.addEventListener("change", () => tick(each, box.checked));
      const name = element("span");
      name.textContent = each.kind === "folders" ? each.title : `${each.title} (${each.name})`;
      return element("label", {}, box, name);
    }),
  );
}

function unfold(is_open) {
  chooser.hidden = !is_open;
  open.setAttribute("aria-expanded", String(is_open));
  if (is_open) draw_list();
}
open.addEventListener("click", () => unfold(chooser.hidden));
filter.addEventListener("input", draw_list);
choice.addEventListener("keydown", (event) => {
  if (event.key === "Escape") unfold(false);
});
document.addEventListener("chosen", async (event) => {
  unfold(false);
  const { sources = [], folders = [] } = event.detail;
  const title = (kind) => (name) => ({ kind, name, title: kind === "folders" ? `${name}/` : name });
  ticked = [...sources.map(title("sources")), ...folders.map(title("folders"))];
  draw_chips();
});
