// What a person thinks of an answer: right at one click; what was wrong, with a comment and the right sentence.
import { element, Refused, request, tell } from "./elements.js";

const WRONG = ["answer", "source", "refuse", "answerable"];

async function give(id, opinion, comment = "", span = "") {
  try {
    await request(`feedback/${id}`, "PUT", { opinion, comment, span });
  } catch (problem) {
    tell(problem instanceof Refused ? problem.message : words("refused"));
    return false;
  }
  tell(words("feedback_thanks"));
  return true;
}

function choice(id, opinion, number) {
  const input = element("input", { type: "radio", name: `opinion-${id}`, value: opinion, checked: number === 0 });
  return element("label", {}, input, " ", element("span", { text: `opinion_${opinion}` }));
}

// Opens, or closes, the form under an answer.
export function toggle_form(article) {
  const there = article.querySelector("form.opinion");
  if (there) return there.remove();
  const id = article.dataset.id;
  const comment = element("textarea", { rows: 2, placeholder: "feedback_comment" });
  const span = element("textarea", { rows: 2, placeholder: "feedback_span" });
  const send = element("button", { type: "submit", text: "feedback_send" });
  const form = element("form", { className: "opinion" }, ...WRONG.map((each, n) => choice(id, each, n)), comment, span, send);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const opinion = form.querySelector("input:checked").value;
    if (await give(id, opinion, comment.value, span.value)) form.remove();
  });
  article.append(form);
  form.querySelector("input").focus();
}

export function say_right(article) {
  article.querySelector("form.opinion")?.remove();
  give(article.dataset.id, "right");
}
