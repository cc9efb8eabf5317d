/* What was typed without a network: forms become finished commands with an operation and a time of their own, signed
   where this device has a key, and are sent later, each once, in their order. For the service worker (after moyai-key.js). */
(function (root) {
  "use strict";
  const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", DAY = 86400, JST = 9 * 3600, PATIENCE_MS = 15000;
  const seconds = () => Math.floor(Date.now() / 1000);
  const whole = (typed) => parseInt(String(typed || "").normalize("NFKC").replace(/[,、 ]/g, ""), 10) || 0;
  const line = (typed) => String(typed || "").normalize("NFC").split(/\s+/).filter(Boolean).join(" ");
  const filled = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ""));

  function ulid() {
    let time = Date.now(), text = "";
    for (let at = 0; at < 10; at += 1) {
      text = SYMBOLS[time % 32] + text;
      time = Math.floor(time / 32);
    }
    return text + Array.from(root.crypto.getRandomValues(new Uint8Array(16)), (byte) => SYMBOLS[byte % 32]).join("");
  }

  /* [package id, serial or 0] of a label's code, as moyai_contracts.api.identifiers.parse_label finds it. */
  function label(text) {
    const part = String(text || "").normalize("NFKC").trim().toUpperCase().replace(/\/+$/, "").split("/").pop();
    const symbols = part.replace(/[^0-9A-Z]/g, "");
    const alike = (some) => some.replace(/[IL]/g, "1").replace(/O/g, "0");
    const code = symbols.slice(0, 1) + alike(symbols.slice(1, 12)), serial = alike(symbols.slice(12));
    if (!/^[PT][0-9A-HJKMNP-TV-Z]{11}$/.test(code) || !/^[0-9]{0,2}$/.test(serial)) { return null; }
    const sum = Array.from(code.slice(1, 11)).reduce((all, symbol, at) => all + (at + 1) * SYMBOLS.indexOf(symbol), 0);
    return code[11] === SYMBOLS[sum % 31] ? [code, Number(serial)] : null;
  }

  const boxOf = (copy, code) => copy.boxes.find((box) => box.package === code);

  function receipt(copy, code, box, counts, surplus, at) {
    const fields = {
      package_id: code[0], label_serial: code[1] || (box ? box.serial : 1), lines: counts,
      scanned_at: at, site: copy.site || (box ? box.site : ""), surplus, queued: true };
    if (!surplus.length) { delete fields.surplus; }
    return { transaction: "relief.receive_package", fields, text: box ? box.text : "箱 " + code[0], title: "受取" };
  }

  function counted(box, form) {
    const surplus = [];
    const counts = box.lines.map((entry, index) => {
      const number = (name) => whole(form.get(name + (index || "")));
      const damaged = number("damaged"), refused = number("refused");
      const more = number("good") + damaged + refused - entry.quantity;
      if (more > 0) { surplus.push({ quantity: more, item: entry.item }); }
      return { dispatch_id: entry.dispatch_id, good: number("good") - Math.max(more, 0), short: Math.max(-more, 0), damaged, refused };
    });
    return [counts, surplus];
  }

  const asSent = (box) => box.lines.map((entry) => (
    { dispatch_id: entry.dispatch_id, good: entry.quantity, short: 0, damaged: 0, refused: 0 }));

  function due(form, at) {
    const days = { today: 0, tomorrow: 1, three: 3 }[form.get("due")];
    if (days === undefined) {
      const typed = Date.parse(form.get("due_day") + "T" + (form.get("due_time") || "23:59") + ":00+09:00");
      return Number.isNaN(typed) ? undefined : typed / 1000;
    }
    return Math.floor((at + JST) / DAY) * DAY + (days + 1) * DAY - JST - 1;
  }

  /* What each form asks for: (address, what was typed, the copy of the records, seconds) → commands. */
  const BUILDERS = {
    "/relief/receive_package"(url, form, copy, at) {
      const code = label(url.searchParams.get("code"));
      if (!code) { return []; }
      const box = form.get("box") ? JSON.parse(form.get("box")) : boxOf(copy, code[0]);
      const [counts, surplus] = box ? counted(box, form) : [[], []];
      return [receipt(copy, code, box, counts, surplus, whole(form.get("scanned_at")) || at)];
    },
    "/relief/scan"(url, form, copy, at) {
      return form.getAll("box").map(label).filter(Boolean).map((code) => {
        const box = boxOf(copy, code[0]);
        return receipt(copy, code, box, box ? asSent(box) : [], [], whole(form.get("at-" + code[0])) || at);
      });
    },
    "/relief/record_arrival"(url, form, copy, at) {
      const item = copy.items.find((entry) => entry.name === line(form.get("item")) || entry.code === form.get("item"));
      const quantity = whole(form.get("quantity")), name = line(form.get("item"));
      const lines = quantity && name ? [filled({ quantity, item: item && item.code, item_name: item ? "" : name.slice(0, 40) })] : [];
      const seen = label(form.get("label"));
      return [{
        transaction: "relief.record_arrival", title: "届いた箱", text: name ? name + " " + quantity + (item ? item.unit : "個") : "中身のわからない箱",
        fields: filled({
          arrival_id: ulid(), site: form.get("site") || copy.site, lines, reason: form.get("reason"),
          scanned_at: whole(form.get("scanned_at")) || at,
          label_seen: seen ? seen[0] + (seen[1] ? "-" + String(seen[1]).padStart(2, "0") : "") : line(form.get("label")).replace(/[^0-9A-Za-z-]/g, "").slice(0, 20),
          note: line(form.get("note")), queued: true }) }];
    },
    "/relief/hand_over_package"(url, form, copy, at) {
      const code = label(url.searchParams.get("code"));
      return code ? [{
        transaction: "relief.hand_over_package", title: "集積所に到着", text: "箱 " + code[0],
        fields: { package_id: code[0], code6: copy.municipality, site: form.get("site") || copy.site, scanned_at: at, queued: true } }] : [];
    },
    "/relief/register_need"(url, form, copy, at) {
      const item = copy.items.find((entry) => entry.name === line(form.get("item")) || entry.code === form.get("item"));
      const unit = line(form.get("quantity")).normalize("NFKC").replace(/^[0-9,、 ]+/, "") || form.get("pack");
      const pack = item && item.packs.find((entry) => entry[0] === unit);
      const quantity = whole(form.get("quantity")) * (pack ? pack[1] : 1);
      const kinds = Array.from(form).filter(([name, value]) => name.startsWith("attributes-") && value)
        .map(([name, value]) => [name.slice("attributes-".length), value]);
      if (!item || !quantity) { return []; }
      const need = filled({
        need_id: ulid(), site: form.get("site") || copy.site, item: item.code, quantity,
        attributes: kinds.length ? Object.fromEntries(kinds) : undefined, needed_by: due(form, at),
        priority: form.get("priority") || "high", note: line(form.get("note")) });
      return [{ transaction: "relief.register_need", title: "必要物資", text: item.name + " " + quantity + item.unit,
        fields: { needs: [need], made_at: at, queued: true } }];
    },
    "/relief/close_need"(url, form, copy, at) {
      const id = url.searchParams.get("need"), need = copy.needs.find((entry) => entry.need_id === id);
      return [{ transaction: "relief.close_need", title: "もう足りた", text: need ? need.text : "必要物資",
        fields: { need_id: id, reason: form.get("reason") || "enough", made_at: at, queued: true } }];
    },
    "/relief/confirm_needs"(url, form, copy, at) {
      return [{ transaction: "relief.confirm_needs", title: "まだ必要", text: copy.needs.length + "件すべて",
        fields: { code6: copy.municipality, site: url.searchParams.get("site") || copy.site, made_at: at, queued: true } }];
    },
    "/relief/set_site_status"(url, form, copy, at) {
      const headcount = whole(form.get("headcount")), open = form.get("open") !== "no";
      return [{ transaction: "relief.set_site_status", title: "避難所のようす", text: (open ? "開いています" : "閉じました") + "・" + headcount + "人",
        fields: { code6: copy.municipality, site: url.searchParams.get("site") || copy.site, open, headcount,
          counted_at: at, made_at: at, queued: true } }];
    },
  };

  /* The phone's own copy of the records, as the server gave it last; undefined where there is none. */
  async function copy() {
    const kept = await root.caches.match("/me/snapshot.json");
    return kept && kept.json();
  }
  const entries = async () => (await root.moyaiKey.store("queue", "readonly", (queue) => queue.getAll()))
    .sort((one, other) => one.order - other.order);
  const put = (entry) => root.moyaiKey.store("queue", "readwrite", (queue) => queue.put(entry));
  const remove = (op) => root.moyaiKey.store("queue", "readwrite", (queue) => queue.delete(op));

  /* Keeps what a form asks for; how many commands that were, 0 where it makes no sense. */
  async function keep(url, form) {
    const own = await copy(), build = BUILDERS[url.pathname], at = seconds();
    if (!build || !own) { return 0; }
    const made = build(url, form, own, at), waiting = await entries(), scope = form.get("scope") || "live";
    const typed = Object.fromEntries(Array.from(form).filter(([name]) => !["csrf_token", "op", "box", "scope", "queued"].includes(name)));
    let number = 0;
    for (const each of made) {
      const twice = each.fields.package_id && waiting.some((entry) => entry.state === "kept"
        && entry.transaction === each.transaction && entry.fields.package_id === each.fields.package_id);
      if (!twice) {
        const op = made.length === 1 && form.get("op") ? form.get("op") : ulid();
        await put(Object.assign(each, {
          op, scope, actor: own.actor, state: "kept", order: Date.now() + number / 100, made_at: at,
          page: url.pathname + url.search, form: typed, proof: await signed(each, op, scope, own.actor) }));
      }
      number += 1;
    }
    return number;
  }

  async function signed(each, op, scope, actor) {
    const command = Object.assign({ v: 1, op, scope, actor, function: each.transaction }, each.fields);
    const proof = await root.moyaiKey.signCommand(command);
    return proof && [proof];
  }

  async function answer(path, token, body) {
    const told = await root.fetch(path, {
      method: body ? "POST" : "GET", cache: "no-store", body: body && JSON.stringify(body),
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token } });
    if (!told.ok || told.redirected) { throw new TypeError("no answer: " + told.status); }
    return told.json();
  }

  const pause = (ms) => new Promise((done) => { root.setTimeout(done, ms); });

  async function deliver(entry, token) {
    let told = await answer("/queue/" + entry.op, token, {
      transaction: entry.transaction, fields: entry.fields, actor: entry.actor, scope: entry.scope, proof: entry.proof,
      page: entry.page, form: entry.form });
    for (let until = Date.now() + PATIENCE_MS; told.state === "pending" && Date.now() < until;) {
      await pause(500);
      told = await answer("/queue/" + entry.op, token);
    }
    return told;
  }

  let sending = null;
  /* Sends what waits, oldest first; stops where the server is silent. */
  async function sendAll() {
    const waiting = (await entries()).filter((entry) => entry.state === "kept" || entry.state === "pending");
    if (!waiting.length) { return; }
    const fresh = await answer("/me/snapshot.json", "");
    for (const entry of waiting) {
      if (entry.actor.account !== fresh.actor.account) { continue; }
      const told = await deliver(entry, fresh.csrf);
      await put(Object.assign(entry, { state: told.state, reason: told.reason || "", sent_at: seconds() }));
    }
  }
  async function send() {
    sending = sending || sendAll().catch((error) => {
      if (!(error instanceof TypeError)) { throw error; }  // no network: what waits stays
    }).finally(() => { sending = null; });
    await sending;
    await forget();
    return count();
  }

  /* What was recorded is shown for a day. */
  async function forget() {
    for (const entry of await entries()) {
      if (entry.state === "recorded" && entry.sent_at < seconds() - DAY) { await remove(entry.op); }
    }
  }
  async function count() {
    const all = await entries(), of = (...states) => all.filter((entry) => states.includes(entry.state)).length;
    return { kept: of("kept"), pending: of("pending"), refused: of("refused") };
  }

  root.moyaiQueue = { BUILDERS, label, copy, boxOf, entries, remove, keep, send, count };
}(self));
