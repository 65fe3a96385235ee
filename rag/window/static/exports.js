// Answers and conversations to take away: copied, as files, on paper.
import { element, request, tell } from "./elements.js";
import { state } from "./talk.js";

const file = (text, form) => element("a", { text, "data-form": form, download: "" });
const paper = element("button", { type: "button", text: "print" });
const files = [file("as_word", "docx"), file("as_markdown", "md")];
export const exports_ = element("div", { id: "exports", role: "group", label: "export_conversation" }, ...files, paper);

paper.addEventListener("click", () => print());
document.addEventListener("turns", () => {
  exports_.hidden = !state.id;
  for (const link of files) link.href = `conversations/${state.id}/export?form=${link.dataset.form}`;
});

// The promise goes into the clipboard, so that the click still counts when the server has answered.
export async function copy(id) {
  const answer = request(`conversations/turns/${id}/clipboard`);
  const part = (name, type) => answer.then((texts) => new Blob([texts[name]], { type }));
  const item = { "text/plain": part("plain", "text/plain"), "text/html": part("rich", "text/html") };
  try {
    await navigator.clipboard.write([new ClipboardItem(item)]);
    tell(words("answer_copied"));
  } catch {
    tell(words("refused"));
  }
}
