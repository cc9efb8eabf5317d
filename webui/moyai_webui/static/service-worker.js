/* Pages of a shelter without a network. The view puts MOYAI = {assets, scripts, pages, shell} before this text. */
"use strict";
self.importScripts(...MOYAI.scripts);

const ASSETS = "moyai-assets-" + MOYAI.version, PAGES = "moyai-pages";
const WARM_MS = 15 * 60 * 1000, POST_MS = 20000;
const SILENT = [502, 503, 504];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(ASSETS).then((cache) => cache.addAll(MOYAI.assets)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("moyai-assets-") && name !== ASSETS) { await caches.delete(name); }
    }
    await self.clients.claim();
    await warm();
  })());
});

/* Keeps an answer for later, if it is a page of this very address. */
async function keepAnswer(request, answer) {
  if (answer.ok && !answer.redirected) { await (await caches.open(PAGES)).put(request, answer); }
}

/* Fetches the pages that must be here when the network goes, unless they are fresh. */
async function warm() {
  const cache = await caches.open(PAGES);
  for (const path of MOYAI.pages) {
    const kept = await cache.match(path), date = kept && Date.parse(kept.headers.get("Date"));
    if (date && Date.now() - date < WARM_MS) { continue; }
    try { await keepAnswer(path, await fetch(path, { cache: "no-store" })); } catch (error) { return; }
  }
}

async function patiently(request) {
  const control = new AbortController(), timer = setTimeout(() => control.abort(), POST_MS);
  try { return await fetch(request, { signal: control.signal }); } finally { clearTimeout(timer); }
}

/* A form: to the server, or where nobody answers into the queue. The phone's own forms (`queued`) lack the server's
   token and always go into the queue, which is sent at once when there is a network again. */
async function submit(request, url) {
  const typed = await request.clone().formData();
  try {
    const answer = typed.has("queued") ? null : await patiently(request);
    if (answer && !SILENT.includes(answer.status)) { return answer; }
  } catch (error) { /* nobody answered: the queue takes it */ }
  const kept = await self.moyaiQueue.keep(url, typed);
  return Response.redirect(kept ? "/me/queue?kept=" + kept : "/me/offline?problem", 303);
}

async function page(request, url) {
  try {
    const answer = await fetch(request);
    if (!SILENT.includes(answer.status)) {
      if (MOYAI.kept.includes(url.pathname)) { await keepAnswer(request, answer.clone()); }
      return answer;
    }
  } catch (error) { /* nobody answered: a copy has to do */ }
  const cache = await caches.open(PAGES);
  return await cache.match(request) || MOYAI.kept.includes(url.pathname) && await cache.match(request, { ignoreSearch: true })
    || await cache.match(MOYAI.shell) || Response.error();
}

async function copyFirstFromNetwork(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      await keepAnswer(request, answer.clone());
      return answer;
    }
    if (!SILENT.includes(answer.status)) { return answer; }
  } catch (error) { /* nobody answered: a copy has to do */ }
  return await caches.match(request) || Response.error();
}

/* What the camera read, from the phone's own copy. */
async function scanned(request, url) {
  try {
    const answer = await fetch(request);
    if (answer.ok) { return answer; }
  } catch (error) { /* nobody answered: a copy has to do */ }
  const code = self.moyaiQueue.label(decodeURIComponent(url.pathname)), own = await self.moyaiQueue.copy();
  if (!code) { return Response.json({ code: "", problem: "コードを読み取れません" }); }
  const text = code[0] + (code[1] ? "-" + String(code[1]).padStart(2, "0") : "");
  const box = own && self.moyaiQueue.boxOf(own, code[0]);
  return Response.json(Object.assign({ problem: "" }, box || { package: code[0], label: code[0], text: "箱（中身の控えはありません）", from: "" }, { code: text }));
}

async function signedOut(request) {
  const answer = await fetch(request);
  await caches.delete(PAGES);
  return answer;
}

self.addEventListener("fetch", (event) => {
  const request = event.request, url = new URL(request.url);
  if (url.origin !== self.location.origin) { return; }
  if (request.method === "POST") {
    if (url.pathname === "/sign_out") { event.respondWith(signedOut(request)); }
    else if (request.mode === "navigate" && url.pathname in self.moyaiQueue.BUILDERS) { event.respondWith(submit(request, url)); }
  } else if (request.method === "GET") {
    if (request.mode === "navigate") { event.respondWith(page(request, url)); }
    else if (url.pathname === "/me/snapshot.json") { event.respondWith(copyFirstFromNetwork(request)); }
    else if (url.pathname.startsWith("/relief/scan/")) { event.respondWith(scanned(request, url)); }
    else if (url.pathname.startsWith("/static/")) { event.respondWith(caches.match(request).then((kept) => kept || fetch(request))); }
  }
});

const ANSWERS = {
  async send() {
    const state = await self.moyaiQueue.send();
    await warm();
    return state;
  },
  count: () => self.moyaiQueue.count(),
  list: () => self.moyaiQueue.entries(),
  remove: (op) => self.moyaiQueue.remove(op),
};
self.addEventListener("message", (event) => {
  const [what, argument] = event.data;
  event.waitUntil(ANSWERS[what](argument).then((told) => event.ports[0].postMessage(told)));
});
self.addEventListener("sync", (event) => { event.waitUntil(self.moyaiQueue.send()); });
