/* Keeps an open list true: asks the beacon, and fetches the page's main part when a block touched what it shows.
   Changed rows are replaced in place; new rows wait behind a bar, so that nothing moves under a finger. */
(function () {
  "use strict";
  var main = document.getElementById("main"), topics = main.dataset.live.split(" ");
  var SHOWN = 2000, HIDDEN = 60000, SPREAD = 500; // milliseconds
  var block = Number(main.dataset.block), fresh = null, timer = 0;
  var bar = document.createElement("div"); // there from the start: a reader announces only what it knows
  bar.className = "fresh";
  bar.hidden = true;
  bar.setAttribute("role", "status");
  document.body.appendChild(bar);
  var saving = function () { return navigator.connection && navigator.connection.saveData; };
  var wait = function () {
    clearTimeout(timer);
    timer = setTimeout(ask, document.hidden || saving() ? HIDDEN : SHOWN);
  };

  function ask() {
    fetch("/live").then(function (answer) { return answer.ok ? answer.json() : Promise.reject(answer.status); })
      .then(function (known) {
        tell(known.as_of + (known.fresh ? "の情報です" : "の情報です。新しい記録の取り込みが遅れています"));
        var newest = Math.max.apply(null, topics.map(function (topic) {
          return topic in known.blocks ? known.blocks[topic] : -1;
        }));
        if (newest > block) { setTimeout(draw, Math.random() * SPREAD); } else { wait(); }
      })
      .catch(function () { tell("いま新しい情報を取得できません。つながったら続けます"); wait(); });
  }

  function draw() {
    fetch(location.href, { headers: { "Moyai-Fragment": "1" } })
      .then(function (answer) { return answer.ok && !answer.redirected ? answer.text() : Promise.reject(answer.status); })
      .then(function (text) {
        fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
        block = Number(fresh.dataset.block);
        merge();
      })
      .then(wait, wait);
  }

  /* The rows of tables and lists, by the record that their first link leads to. */
  function rows(of) {
    var found = {};
    of.querySelectorAll("tbody > tr, ul.rows > li").forEach(function (row) {
      var link = row.querySelector("a[href]"), key = link ? link.getAttribute("href") : "";
      while (key in found) { key += "+"; }
      found[key] = row;
    });
    return found;
  }

  function merge() {
    if (!fresh) { return; }
    var here = rows(main), there = rows(fresh), moved = 0, busy = false;
    Object.keys(there).forEach(function (key) {
      if (!here[key]) { moved += 1; } else if (!replace(here[key], there[key])) { busy = true; }
    });
    Object.keys(here).forEach(function (key) { if (!there[key]) { moved += 1; } });
    if (same(main, fresh)) { hide(); fresh = null; } else if (moved || !busy) { show(moved); }
  }

  /* In place, cell by cell; what has the focus or takes input stays. Tells whether all is as it should be. */
  function replace(old, now) {
    if (same(old, now)) { return true; }
    if (old.contains(document.activeElement)) { return false; }
    if (old.children.length !== now.children.length || !old.querySelector("input, select, textarea")) {
      old.replaceWith(document.importNode(now, true));
      return true;
    }
    Array.prototype.slice.call(old.children).forEach(function (cell, i) {
      if (!cell.querySelector("input, select, textarea") && !same(cell, now.children[i])) {
        cell.replaceWith(document.importNode(now.children[i], true));
      }
    });
    return true;
  }

  /* Hidden fields of forms are new each time: they say nothing. */
  function drawn(of) { return of.innerHTML.replace(/<input type="hidden"[^>]*>/g, ""); }
  function same(one, other) { return drawn(one) === drawn(other); }

  function show(count) {
    bar.hidden = false;
    bar.textContent = "新しい情報が" + (count ? count + "件" : "") + "あります。";
    var button = document.createElement("button");
    button.type = "button";
    button.className = "btn mini";
    button.textContent = "表示する";
    button.addEventListener("click", function () {
      main.innerHTML = fresh.innerHTML;
      fresh = null;
      hide();
      main.setAttribute("tabindex", "-1");
      main.focus({ preventScroll: true });
    });
    bar.appendChild(button);
  }

  function hide() { bar.hidden = true; bar.textContent = ""; }

  function tell(words) {
    var strip = document.querySelector(".asof span");
    if (strip && strip.textContent !== words) { strip.textContent = words; }
  }

  document.addEventListener("visibilitychange", function () { if (!document.hidden) { clearTimeout(timer); ask(); } });
  document.addEventListener("focusout", function () { setTimeout(merge, 0); });
  setTimeout(ask, Math.random() * SHOWN);
}());
