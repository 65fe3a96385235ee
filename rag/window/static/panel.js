// Opens cited passages beside the chat. What it shows comes from this server's own /source, escaped there.

let links = []; // the citations of the answer at hand
let at = -1; // the one that is open

const panel = document.createElement("aside");
panel.id = "panel";
panel.hidden = true;
document.body.append(panel);

const target = (link) => new URLSearchParams(link.getAttribute("href").slice(1));
const span = (link) => `${target(link).get("start")}-${target(link).get("end")}`;

async function open(link) {
  links = [...link.closest(".answer").querySelectorAll(`a.${link.className}`)];
  at = links.indexOf(link);
  const source = target(link).get("source");
  const wanted = new URLSearchParams({ source, language: target(link).get("language"), interface: language() });
  const others = links.filter((other) => other !== link && target(other).get("source") === source);
  for (const each of [link, ...others]) wanted.append("span", span(each));
  const reply = await fetch(`source?${wanted}`).catch(() => null);
  if (!reply) return document.dispatchEvent(new CustomEvent("notice", { detail: words("refused") }));
  panel.innerHTML = await reply.text();
  // The way back of the browser closes the document instead of leaving the window.
  if (panel.hidden) history.pushState({ ...history.state, panel: true }, "");
  panel.hidden = false;
  document.body.classList.add("reading");
  panel.querySelector("#panel-count").textContent = `${at + 1} / ${links.length}`;
  for (const other of document.querySelectorAll("a[aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  panel.querySelector("#opened")?.scrollIntoView({ block: "center" });
  panel.querySelector("h2").focus({ preventScroll: true });
}

function hide() {
  if (panel.hidden) return;
  panel.hidden = true;
  document.body.classList.remove("reading");
  for (const other of document.querySelectorAll("a[aria-current]")) other.removeAttribute("aria-current");
  if (links[at]?.isConnected) links[at].focus();
}

export function close() {
  if (history.state?.panel) history.back();
  hide();
}

async function copy(button) {
  const marked = [...panel.querySelectorAll(".opened")].map((mark) => mark.textContent.trim()).join(" ");
  const quote = language() === "fr" ? `«\u00a0${marked}\u00a0»` : `“${marked}”`;
  const title = panel.querySelector("h2").textContent;
  const where = panel.querySelector("header .aside").textContent;
  await navigator.clipboard.writeText(`${quote}\n— ${title}, ${target(links[at]).get("source")}, ${where}`);
  const name = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = name), 1500);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(".answer a[href^='#source=']");
  if (link) {
    event.preventDefault();
    open(link);
  }
  const button = event.target.closest("#panel button");
  const count = links.length;
  if (button?.dataset.do === "close") close();
  if (button?.dataset.do === "previous") open(links[(at + count - 1) % count]);
  if (button?.dataset.do === "next") open(links[(at + 1) % count]);
  if (button?.dataset.do === "copy" && panel.querySelector("#opened")) copy(button);
  if (event.target.closest("button[role=tab]")) close(); // the document belongs to its conversation
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panel.hidden) close();
});
addEventListener("popstate", (event) => {
  if (!event.state?.panel) hide();
});
