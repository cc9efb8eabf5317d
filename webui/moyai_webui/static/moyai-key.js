/* The key of this device: made here, unable to leave it. Also for the service worker (importScripts).
   moyaiKey.actorKey(account) and moyaiKey.signCommand(command); `command` is the whole command as the ledger knows it
   and its name as `function`, see moyai_contracts.api.command.signing_bytes. */
(function (root) {
  "use strict";
  const CURVE = { name: "ECDSA", namedCurve: "P-256" }, HASH = "SHA-256", LARGEST = Number.MAX_SAFE_INTEGER;
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const answer = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  /* Canonical JSON, byte for byte as moyai_contracts.api.canonical writes it. Throws where that refuses. */
  function canonical(value) {
    if (typeof value === "boolean") { return String(value); }
    if (typeof value === "number") {
      if (!Number.isInteger(value) || Math.abs(value) > LARGEST) { throw new TypeError("not a whole number"); }
      return String(value);
    }
    if (typeof value === "string") {
      if (value !== value.normalize("NFC") || /\p{Surrogate}/u.test(value)) { throw new TypeError("not NFC"); }
      return JSON.stringify(value);
    }
    if (Array.isArray(value)) { return "[" + value.map(canonical).join(",") + "]"; }
    if (!value || typeof value !== "object") { throw new TypeError("not canonical"); }
    return "{" + Object.keys(value).sort().map((key) => {
      if (!/^[\0-\x7f]*$/.test(key)) { throw new TypeError("a key that is not ASCII"); }
      return JSON.stringify(key) + ":" + canonical(value[key]);
    }).join(",") + "}";
  }

  /* The one database of this site: `keys` by account, `queue` by operation (moyai-queue.js). */
  function database() {
    const opening = root.indexedDB.open("moyai", 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("keys", { keyPath: "account" });
      opening.result.createObjectStore("queue", { keyPath: "op" });
    };
    return answer(opening);
  }

  async function store(name, mode, act) {
    const open = await database();
    try { return await answer(act(open.transaction(name, mode).objectStore(name))); } finally { open.close(); }
  }

  /* {account, key, public, private} of an account on this device, or undefined. */
  const actorKey = (account) => store("keys", "readonly", (keys) => keys.get(account));
  const forgetKey = (account) => store("keys", "readwrite", (keys) => keys.delete(account));

  /* Makes a key for an account and keeps it; one that was there is replaced. */
  async function makeKey(account) {
    const pair = await root.crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
    const point = new Uint8Array(await root.crypto.subtle.exportKey("raw", pair.publicKey));
    const short = Uint8Array.from([2 + (point[64] & 1), ...point.slice(1, 33)]);
    const digest = new Uint8Array(await root.crypto.subtle.digest(HASH, short));
    const made = { account, key: hex(digest.slice(0, 8)), public: hex(short), private: pair.privateKey };
    await store("keys", "readwrite", (keys) => keys.put(made));
    return made;
  }

  /* The entry of a command's `proof`, or undefined where this device has no key of the acting account. */
  async function signCommand(command, signedAt) {
    const own = await actorKey(command.actor.account);
    if (!own) { return undefined; }
    const proof = { key: own.key, signed_at: signedAt || Math.floor(Date.now() / 1000) };
    const text = new TextEncoder().encode(canonical(Object.assign({}, command, { proof: [proof] })));
    const raw = new Uint8Array(await root.crypto.subtle.sign({ name: "ECDSA", hash: HASH }, own.private, text));
    const sig = btoa(String.fromCharCode(...raw)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    return Object.assign({ sig }, proof);
  }

  root.moyaiKey = { canonical, database, store, actorKey, forgetKey, makeKey, signCommand };
  if (!root.document) { return; }

  const show = (name) => root.document.querySelectorAll("[data-key]").forEach((part) => {
    part.hidden = part.dataset.key !== name;
  });
  /* Seconds since the page was made are told by the device, the time it was made by the server. */
  const clock = (form) => Number(form.dataset.now) + Math.floor(root.performance.now() / 1000);

  /* <form data-make-key="account">: fills in `public` before it goes. */
  function making(form) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        form.elements.public.value = (await makeKey(form.dataset.makeKey)).public;
        form.submit();
      } catch (error) { show("impossible"); }
    });
    show(root.crypto && root.crypto.subtle && root.indexedDB ? "possible" : "impossible");
  }

  /* <form data-sign="command">: fills in `proof` before it goes. */
  async function signing(form) {
    const command = JSON.parse(form.dataset.sign);
    let own;
    try { own = await actorKey(command.actor.account); } catch (error) { own = undefined; }
    show(own ? "here" : "missing");
    if (!own) { return; }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        form.elements.proof.value = canonical([await signCommand(command, clock(form))]);
        form.submit();
      } catch (error) { show("missing"); }
    });
  }

  root.document.querySelectorAll("form[data-make-key]").forEach(making);
  root.document.querySelectorAll("form[data-sign]").forEach(signing);
}(self));
