/* /me/queue: what waits on this phone. The service worker keeps it; this page asks and shows. */
(function () {
  "use strict";
  var worker = navigator.serviceWorker, list = document.querySelector("[data-queue-list]");
  var button = document.querySelector("[data-send]"), none = document.querySelector("[data-none]");
  if (!worker) { return; }
  var ORDER = ["refused", "kept", "pending", "recorded"];
  var ask = function (what, argument) {
    return worker.ready.then(function (ready) {
      return new Promise(function (done) {
        var channel = new MessageChannel();
        channel.port1.onmessage = function (event) { done(event.data); };
        ready.active.postMessage([what, argument], [channel.port2]);
      });
    });
  };
  var clock = function (at) {
    var time = new Date(at * 1000);
    return time.getHours() + "時" + String(time.getMinutes()).padStart(2, "0") + "分";
  };
  var row = function (entry) {
    var item = document.querySelector("[data-state=" + entry.state + "]").content.firstElementChild.cloneNode(true);
    item.querySelector(".row-t").textContent = entry.title + "：" + entry.text;
    item.querySelector(".row-s").textContent = clock(entry.fields.scanned_at || entry.made_at) + (entry.proof ? "・端末の署名つき" : "");
    if (entry.reason) {
      item.querySelector(".why").hidden = false;
      item.querySelector(".why b").textContent = entry.reason;
    }
    var link = item.querySelector("a"), away = item.querySelector("button");
    if (entry.state === "refused") {
      link.href = entry.page + (entry.page.includes("?") ? "&" : "?") + "again=" + entry.op;
    } else if (entry.state !== "kept") { link.href = "/recorded/" + entry.op; }
    link.hidden = entry.state === "kept";
    if (away) { away.addEventListener("click", function () { ask("remove", entry.op).then(show); }); }
    return item;
  };
  var show = async function () {
    var entries = await ask("list");
    entries.sort(function (one, other) { return ORDER.indexOf(one.state) - ORDER.indexOf(other.state); });
    list.replaceChildren.apply(list, entries.map(row));
    var kept = entries.filter(function (entry) { return entry.state === "kept"; }).length;
    none.textContent = kept ? "送っていない入力が" + kept + "件あります" : "送っていない入力はありません";
    button.hidden = !kept;
    var leaving = document.querySelector("[data-leaving]");
    leaving.hidden = !kept || !new URLSearchParams(location.search).has("leaving");
  };
  document.querySelector("[data-sure]").dataset.sure = "yes";
  button.querySelector("button").addEventListener("click", function () { ask("send").then(show); });
  show();
  setInterval(show, 2000);
}());
