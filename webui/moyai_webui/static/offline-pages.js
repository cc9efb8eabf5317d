/* The page that stands in for others without a network: the form of the address asked for, filled from the phone's copy. */
(function () {
  "use strict";
  var TITLES = {
    receive_package: ["受取の数を確かめる", ""], record_arrival: ["届いた箱を記録する", "中身がわからなければ、品目は空のままで構いません。"],
    register_need: ["必要な物資を登録する", ""], close_need: ["もう足りた", ""],
    confirm_needs: ["まだ必要な物資を確かめる", ""], set_site_status: ["避難所のようすを記録する", ""],
  };
  var main = document.querySelector("#main > div"), asked = new URLSearchParams(location.search);
  var name = location.pathname.split("/").pop(), pattern = document.querySelector("template[data-page='" + name + "']");
  var text = function (selector, words) { main.querySelector(selector).textContent = words; };
  var option = function (value, words) {
    var made = document.createElement("option");
    made.value = value;
    made.textContent = words;
    return made;
  };
  var lines = function (form, box) {
    form.elements.box.value = JSON.stringify(box);
    box.lines.forEach(function (line, index) {
      var part = document.querySelector("[data-line]").content.cloneNode(true), mark = index || "";
      part.querySelector("h2").textContent = line.name;
      part.querySelector("[data-sent]").textContent = line.quantity + line.unit;
      part.querySelectorAll(".unit").forEach(function (unit) { unit.textContent = line.unit; });
      part.querySelectorAll("input").forEach(function (input) {
        part.querySelector("label[for='" + input.id + "']").htmlFor = input.id + mark;
        input.value = input.name === "good" ? line.quantity : 0;
        input.id += mark;
        input.name += mark;
      });
      form.querySelector("[data-lines]").append(part);
    });
  };
  var BUILD = {
    receive_package: function (form, copy) {
      var code = (asked.get("code") || "").toUpperCase().replace(/[^0-9A-Z]/g, ""), box = copy.boxes.find(function (each) {
        return each.package === code.slice(0, 12);
      });
      text("[data-lead]", box ? box.place + "あて・" + box.from + "から" : "箱 " + code.slice(0, 12));
      form.elements.scanned_at.value = asked.get("scanned_at") || String(Math.floor(Date.now() / 1000));
      if (box) { lines(form, box); } else {
        form.querySelector("[data-unknown]").hidden = false;
        form.querySelector("[data-arrival]").href = "/relief/record_arrival?label=" + code;
      }
    },
    record_arrival: function (form, copy) {
      form.elements.label.value = asked.get("label") || "";
      form.elements.reason.value = asked.get("label") ? "unknown" : "no_label";
      form.elements.scanned_at.value = asked.get("scanned_at") || String(Math.floor(Date.now() / 1000));
      form.querySelector("datalist").append.apply(form.querySelector("datalist"), copy.items.map(function (item) { return option(item.name, ""); }));
    },
    register_need: function (form, copy) {
      var items = form.querySelector("[data-items]");
      items.append.apply(items, copy.items.map(function (item) { return option(item.code, item.name + "（" + item.unit + "）"); }));
      if (asked.get("item")) { items.value = asked.get("item"); }
    },
    close_need: function (form, copy) {
      var need = copy.needs.find(function (each) { return each.need_id === asked.get("need"); });
      text("[data-lead]", need ? need.text : "");
    },
    confirm_needs: function (form, copy) {
      form.querySelector("[data-needs]").append.apply(form.querySelector("[data-needs]"), copy.needs.map(function (need) {
        var item = document.createElement("li");
        item.textContent = need.text;
        return item;
      }));
    },
    set_site_status: function () {},
  };
  if (asked.has("problem")) { text("[data-lead]", "保存できませんでした。もう一度、品目と数を確かめて入れてください。"); }
  if (!pattern) { return; }
  fetch("/me/snapshot.json").then(function (answer) { return answer.json(); }).then(function (copy) {
    main.append(pattern.content.cloneNode(true));
    main.querySelector("[data-page=ways]").remove();
    text("[data-title]", TITLES[name][0]);
    text("[data-lead]", TITLES[name][1]);
    document.title = TITLES[name][0];
    var form = main.querySelector("form"), sites = form.querySelector("[data-sites]");
    form.action = location.pathname + location.search;
    ["queued", "scope"].forEach(function (field) {
      var input = document.createElement("input");
      input.type = "hidden";
      input.name = field;
      input.value = field === "scope" ? copy.scope : "1";
      form.append(input);
    });
    BUILD[name](form, copy);
    if (sites && !copy.site) {
      sites.hidden = false;
      sites.querySelector("select").append.apply(sites.querySelector("select"), copy.sites.map(function (site) { return option(site.site, site.name); }));
    } else if (sites) { sites.remove(); }
    form.querySelectorAll("[data-step]").forEach(function (box) {
      box.addEventListener("click", function (event) {
        var button = event.target.closest("[data-add]"), input = box.querySelector("input");
        if (button) { input.value = String(Math.max(0, (parseInt(input.value, 10) || 0) + Number(button.dataset.add))); }
      });
    });
  }).catch(function () { text("[data-lead]", "この端末には、まだ控えがありません。つながったら入れてください。"); });
}());
