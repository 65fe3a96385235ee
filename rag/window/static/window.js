// Runs before anything else in the page: its language and its title. TEXTS comes from words.js.
"use strict";

const COOKIE = "rag_language";
const chosen = document.cookie.match(/rag_language=(fr|en)/)?.[1];
// Gradio takes its own words from the browser's language; a language chosen here before comes first.
if (chosen) Object.defineProperty(navigator, "language", { get: () => chosen });
document.documentElement.lang = chosen ?? (navigator.language.startsWith("fr") ? "fr" : "en");

const language = () => document.documentElement.lang;
const words = (key) => TEXTS[key][language()];

// The title of the tab: the conversation's, then the program's. Gradio writes its own there once it has loaded.
let subject = "";
function name_tab(title = subject) {
  subject = title;
  const wanted = subject ? `${subject} · ${words("title")}` : words("title");
  if (document.title !== wanted) document.title = wanted;
}
name_tab();
new MutationObserver(() => name_tab()).observe(document.head, { subtree: true, childList: true, characterData: true });

document.addEventListener("click", (event) => {
  if (!event.target.closest("#language")) return;
  document.documentElement.lang = language() === "fr" ? "en" : "fr";
  document.cookie = `${COOKIE}=${language()}; path=/; max-age=31536000; samesite=strict`;
  name_tab();
  document.dispatchEvent(new Event("language"));
});
