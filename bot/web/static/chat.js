// Makes the chat page answer without loading itself again. Without this script the same forms work page by page.
"use strict";

const log = document.getElementById("log");
const composer = document.getElementById("composer");
const field = composer.elements.text;
// A connection that says nothing for so long (milliseconds) has failed as far as a person is concerned.
const PATIENCE = 15000;
// Titles are offered from so many characters on, after nobody typed for so long (milliseconds).
const SHORTEST = 3;
const PAUSE = 250;

function bubble(className) {
  const section = document.createElement("section");
  section.className = className;
  section.tabIndex = -1;
  log.append(section);
  return section;
}

function paragraph(section, text) {
  const p = document.createElement("p");
  p.textContent = text;
  section.append(p);
}

function show(reply) {
  const section = bubble("bubble");
  section.lang = reply.language;
  const title = document.createElement("h1");
  title.textContent = reply.title;
  const text = document.createElement("div");
  text.innerHTML = reply.html; // written by our server from reviewed content only
  const choices = document.createElement("form");
  choices.className = "choices";
  choices.method = "post";
  choices.action = "/";
  const offered = reply.choices.filter((choice) => choice.kind === "choice").map((choice) => choice.token);
  for (const choice of reply.choices) {
    const button = document.createElement("button");
    button.name = "token";
    button.value = choice.token;
    button.textContent = choice.label;
    button.lang = choice.token.split(":")[0];
    if (choice.kind === "language" || (choice.kind === "way" && offered.includes(choice.token))) continue;
    if (choice.kind === "way") button.className = "way";
    choices.append(button);
  }
  if (reply.asks) choices.append(position(reply.labels.send_position));
  section.append(title, text, choices);
  return section;
}

function position(label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "position";
  button.textContent = label;
  return button;
}

// What stands around the chat follows the language of the last reply.
function around(reply) {
  document.documentElement.lang = reply.language;
  Object.assign(log.dataset, { you: reply.labels.you, failed: reply.labels.failed, waiting: reply.labels.waiting,
    noposition: reply.labels.no_position });
  field.placeholder = reply.labels.type_here;
  composer.querySelector("label").textContent = reply.labels.type_here;
  composer.querySelector("button").textContent = reply.labels.send;
  const exit = document.querySelector(".exit");
  exit.setAttribute("aria-label", reply.labels.exit);
  exit.querySelector("span").textContent = reply.labels.exit.slice(reply.labels.exit.indexOf(" ") + 1);
  document.querySelector(".skip").textContent = reply.labels.skip;
  const sos = document.querySelector(".sos");
  sos.textContent = reply.labels.help;
  sos.href = "/?at=" + reply.language + ":help/now";
  sos.hidden = reply.address === "help/now";
  const languages = document.querySelector(".languages");
  languages.setAttribute("aria-label", reply.labels.languages);
  languages.replaceChildren(...reply.choices.filter((choice) => choice.kind === "language").map((choice) => {
    const link = document.createElement("a");
    link.href = "/?at=" + choice.token;
    link.lang = link.hreflang = choice.token.split(":")[0];
    link.textContent = choice.label;
    return link;
  }));
}

// said: what stands in the person's bubble; typed: did they write it (or tap it).
async function send(body, said, typed) {
  const mine = bubble("bubble mine");
  mine.setAttribute("aria-label", log.dataset.you);
  paragraph(mine, said);
  const waiting = bubble("bubble waiting");
  paragraph(waiting, log.dataset.waiting);
  log.scrollTop = log.scrollHeight;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const answer = await fetch("/api/chat", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: patience.signal,
    });
    const { replies } = await answer.json();
    if (!replies.length) throw new Error("no answer");
    if (replies.some((reply) => reply.closing)) {
      document.documentElement.hidden = true;
      return location.replace("/exit");
    }
    waiting.remove();
    const first = replies.map(show)[0];
    around(replies[replies.length - 1]);
    first.scrollIntoView({ block: "start" });
    if (!typed) first.focus({ preventScroll: true });
  } catch {
    waiting.remove();
    const failed = bubble("bubble danger");
    paragraph(failed, log.dataset.failed);
    if (typed) field.value = said; // nothing that was typed is lost
    failed.scrollIntoView({ block: "end" });
  } finally {
    clearTimeout(timer);
  }
}

// Titles for what is being typed. Sending never waits for them, and an old answer never takes the place of a newer one.
const suggestions = document.getElementById("suggestions");
let asking = null;
let pause = 0;

function suggest(found) {
  suggestions.replaceChildren(...found.map(({ label, token }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.value = token;
    button.textContent = label;
    return button;
  }));
  suggestions.hidden = !found.length;
}

function quiet() {
  clearTimeout(pause);
  if (asking) asking.abort();
  suggest([]);
}

async function ask() {
  asking = new AbortController();
  try {
    const answer = await fetch("/api/suggest", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: field.value, language: document.documentElement.lang }),
      signal: asking.signal,
    });
    if (answer.ok) suggest((await answer.json()).suggestions);
  } catch {
    // a weak connection: what was typed can be sent all the same
  }
}

field.addEventListener("input", () => {
  clearTimeout(pause);
  if (asking) asking.abort();
  if (field.value.trim().length < SHORTEST) suggest([]);
  else pause = setTimeout(ask, PAUSE);
});

suggestions.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  field.value = "";
  quiet();
  send({ token: button.value }, button.textContent, false);
});

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  quiet();
  send({ text }, text, true);
});

log.addEventListener("submit", (event) => {
  event.preventDefault();
  send({ token: event.submitter.value }, event.submitter.textContent, false);
});

// The browser asks the person whether we may know; what it says goes to our server once and is not kept.
log.addEventListener("click", (event) => {
  const button = event.target.closest(".position");
  if (!button) return;
  const lost = () => {
    const failed = bubble("bubble danger");
    paragraph(failed, log.dataset.noposition);
    failed.scrollIntoView({ block: "end" });
  };
  if (!navigator.geolocation) return lost();
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => send({ position: { lat: coords.latitude, lon: coords.longitude } }, button.textContent, false),
    lost,
    { timeout: PATIENCE, maximumAge: 60000 },
  );
});
if (navigator.geolocation) for (const button of log.querySelectorAll(".position")) button.hidden = false;

// Links to our own screens, in bubbles and around the chat, are answered in the chat.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || link.hash || link.origin !== location.origin || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const at = new URLSearchParams(link.search).get("at");
  const page = link.pathname.match(/^\/([a-z]{2,3})\/(.+)$/);
  const token = at || (page && page[1] + ":" + page[2]);
  if (!token) return;
  event.preventDefault();
  send({ token }, link.textContent.trim(), false);
});

log.scrollTop = 0;
