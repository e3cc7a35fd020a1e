// Keys for the desk. Every page works without this file.
"use strict";
const typing = (at) => at && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) && at.type !== "checkbox";
const all = (selector) => [...document.querySelectorAll(selector)];
let waitsForSection = false;

// One-letter keys act unless this browser keeps that they do not.
const kept = (() => { try { return localStorage; } catch { return {}; } })();
const keysAreOn = () => kept.letterKeys !== "off";
const showKeys = () => {
  const on = keysAreOn();
  document.documentElement.classList.toggle("no-keys", !on);
  all("[data-keys]").forEach((at) => { at.checked = on; });
  all("[data-answer]").forEach((at) => {
    if (on) at.setAttribute("aria-keyshortcuts", at.dataset.answer);
    else at.removeAttribute("aria-keyshortcuts");
  });
};

// The rows that j and k walk: those of the queue, else those of the first list.
const rows = () => {
  const lines = all(".queue-list .line");
  return lines.length ? lines : all("table.list tbody tr");
};
const place = () => {
  const at = rows().findIndex((row) => row.classList.contains("at"));
  return at >= 0 ? at : rows().findIndex((row) => row.querySelector("a[aria-current]"));
};
const walk = (step) => {
  const list = rows();
  if (!list.length) return;
  const next = Math.max(0, Math.min(list.length - 1, place() + step));
  list.forEach((row) => row.classList.remove("at"));
  list[next].classList.add("at");
  list[next].scrollIntoView({ block: "nearest" });
  const link = list[next].querySelector("a");
  if (list[next].matches(".line")) location.assign(link.href);
  else if (link) link.focus({ preventScroll: true });
};
const follow = () => {
  const row = rows()[place()];
  const link = row && row.querySelector("a");
  if (link) location.assign(link.href);
};

// After `g` the sections show their keys until the next one.
const waitForSection = (waits) => {
  waitsForSection = waits;
  document.body.classList.toggle("keys", waits);
};

const help = () => {
  const box = document.createElement("dialog");
  const keys = [["/", "Search"], ["j k", "Next and previous row"], ["Enter", "Open the row"], ["x", "Pick the row"], ["?", "These keys"]];
  all("[data-answer]").forEach((at) => keys.push([at.dataset.answer, at.firstChild.textContent.trim()]));
  all(".side a").forEach((at) => keys.push(["g " + at.dataset.key, at.textContent.trim()]));
  const list = document.createElement("div");
  list.className = "keys-help";
  keys.forEach(([key, text]) => {
    const cap = document.createElement("kbd"), label = document.createElement("span");
    cap.textContent = key;
    label.textContent = text;
    list.append(cap, label);
  });
  box.setAttribute("aria-label", "Keys");
  const off = document.createElement("p"), link = document.createElement("a");
  link.href = "/account";
  link.textContent = "Your account";
  off.append(link, " turns them off.");
  box.append(list, off);
  document.body.append(box);
  box.addEventListener("close", () => box.remove());
  box.showModal();
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && typing(event.target)) return event.target.blur();
  if (typing(event.target) || !keysAreOn() || event.key === "Shift") return;
  const key = event.key;
  const act = (does) => { event.preventDefault(); does(); };
  const open = document.querySelector("dialog[open]");
  if (open) return key === "?" ? act(() => open.close()) : undefined;
  if (waitsForSection) {
    waitForSection(false);
    const link = document.querySelector(`.side a[data-key="${CSS.escape(key)}"]`);
    if (link) act(() => location.assign(link.href));
    else if (key.length === 1) event.preventDefault();
    return;
  }
  const answer = document.querySelector(`[data-answer="${CSS.escape(key)}"]:not([disabled])`);
  if (answer) return act(() => answer.click());
  if (key === "/") act(() => document.querySelector(".search input").focus());
  else if (key === "j") act(() => walk(1));
  else if (key === "k") act(() => walk(-1));
  else if (key === "x") act(() => { const box = rows()[place()]?.querySelector("input[type=checkbox]"); if (box) box.click(); });
  else if (key === "?") act(help);
  else if (key === "g") waitForSection(true);
  else if (key === "Enter" && event.target === document.body) act(follow);
});

// A form is sent once: the second press of a button does nothing.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  all("form").forEach((form) => delete form.dataset.sent);
  waitForSection(false);
  showKeys();
});
document.addEventListener("click", (event) => {
  waitForSection(false);
  if (event.target.closest("[data-print]")) print();
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys]")) return;
  kept.letterKeys = event.target.checked ? "on" : "off";
  showKeys();
});

// What needs this file is shown by it.
all("[data-scripted]").forEach((at) => { at.hidden = false; });
showKeys();
