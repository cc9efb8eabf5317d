/* On every page of those who receive: the strip that says how it stands with the network, and what still waits here. */
(function () {
  "use strict";
  var worker = navigator.serviceWorker, strip = document.querySelector("[data-offline]"), kept = 0, timer;
  if (!worker || !strip) { return; }
  var link = strip.querySelector("a"), words = strip.querySelector("span");
  var ask = function (what) {
    return worker.ready.then(function (ready) {
      return new Promise(function (done) {
        var channel = new MessageChannel();
        channel.port1.onmessage = function (event) { done(event.data); };
        ready.active.postMessage([what], [channel.port2]);
      });
    });
  };
  var show = function (online, state) {
    var waiting = state.kept + state.pending;
    kept = state.kept;
    strip.hidden = online && !waiting && !state.refused;
    words.textContent = !online ? "圏外です。入力は端末に保存します。" : state.refused ? "記録されなかった入力があります。" : "送っていない入力があります。";
    link.textContent = state.refused ? "確かめる" : "未送信 " + waiting + "件";
    link.hidden = !waiting && !state.refused;
    document.documentElement.classList.toggle("off-line", !online);
  };
  var look = async function () {
    clearTimeout(timer);
    var online = true;
    try { await fetch("/static/icon.svg", { method: "HEAD", cache: "no-store" }); } catch (error) { online = false; }
    var state = await ask(online ? "send" : "count");
    show(online, state);
    timer = setTimeout(look, online && !state.kept ? 60000 : 5000);
  };
  document.querySelectorAll("form[action='/sign_out']").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      if (kept && !form.dataset.sure) {
        event.preventDefault();
        location.assign("/me/queue?leaving");
      }
    });
  });
  worker.register("/service-worker.js");
  look();
  window.addEventListener("online", look);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { look(); } });
}());
