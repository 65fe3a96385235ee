// Opens cited passages beside the chat. What it shows comes from this server's own /source, escaped there.
"use strict";

const COOKIE = "rag_language";
let links = []; // the citations of the answer at hand
let at = -1; // the one that is open

const chosen = document.cookie.match(/rag_language=(fr|en)/)?.[1];
// Gradio takes its own words from the browser's language; a language chosen here before comes first.
if (chosen) Object.defineProperty(navigator, "language", { get: () => chosen });
const language = () => document.documentElement.lang;
document.documentElement.lang = chosen ?? (navigator.language.startsWith("fr") ? "fr" : "en");

const panel = document.createElement("aside");
panel.id = "panel";
panel.hidden = true;
addEventListener("DOMContentLoaded", () => {
  document.body.append(panel);
  // While an answer comes nothing can be typed; afterwards whoever was typing goes on.
  new MutationObserver(() => {
    const field = document.querySelector("#question textarea");
    if (field && !field.disabled && field.dataset.waited && document.activeElement === document.body) field.focus();
    if (field) field.dataset.waited = field.disabled ? "yes" : "";
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["disabled"] });
});

const target = (link) => new URLSearchParams(link.getAttribute("href").slice(1));
const span = (link) => `${target(link).get("start")}-${target(link).get("end")}`;

async function open(link) {
  links = [...link.closest(".answer").querySelectorAll(`a.${link.className}`)];
  at = links.indexOf(link);
  const source = target(link).get("source");
  const wanted = new URLSearchParams({ source, language: target(link).get("language"), interface: language() });
  const others = links.filter((other) => other !== link && target(other).get("source") === source);
  for (const each of [link, ...others]) wanted.append("span", span(each));
  const reply = await fetch(`source?${wanted}`);
  panel.innerHTML = await reply.text();
  panel.hidden = false;
  document.body.classList.add("reading");
  panel.querySelector("#panel-count").textContent = `${at + 1} / ${links.length}`;
  for (const other of document.querySelectorAll("a[aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  panel.querySelector("#opened")?.scrollIntoView({ block: "center" });
  panel.querySelector("h2").focus({ preventScroll: true });
}

function close() {
  panel.hidden = true;
  document.body.classList.remove("reading");
  links[at]?.focus();
}

async function copy(button) {
  const words = [...panel.querySelectorAll(".opened")].map((mark) => mark.textContent.trim()).join(" ");
  const quote = language() === "fr" ? `«\u00a0${words}\u00a0»` : `“${words}”`;
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
  if (event.target.closest("#language")) {
    document.documentElement.lang = language() === "fr" ? "en" : "fr";
    document.cookie = `${COOKIE}=${language()}; path=/; max-age=31536000; samesite=strict`;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panel.hidden) close();
});
