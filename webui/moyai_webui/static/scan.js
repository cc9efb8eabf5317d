/* The scan page: camera, sound, and a row of boxes that are received with one confirmation. */
(function () {
  "use strict";
  var finder = document.querySelector("[data-finder]"), form = document.querySelector("[data-row]");
  var video = finder.querySelector("video"), lamp = finder.querySelector(".lamp");
  var rows = form.querySelector("[data-rows]"), pattern = document.querySelector("[data-box]");
  var said = document.querySelector("[data-said]"), camera = document.querySelector("[data-camera]");
  var canvas = document.createElement("canvas"), known = new Map(), sound = null, track = null;
  var EVERY_MS = 120, AGAIN_MS = 3000, WIDTH = 720;

  var beep = function (good) {
    if (navigator.vibrate) { navigator.vibrate(good ? 80 : [60, 80, 60]); }
    if (!sound || sound.state !== "running") { return; }
    var tone = sound.createOscillator(), loud = sound.createGain();
    tone.frequency.value = good ? 1320 : 330;
    loud.gain.value = 0.15;
    tone.connect(loud).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + (good ? 0.1 : 0.35));
  };
  document.addEventListener("click", function () {  // browsers let a page sound only after a touch
    var Sound = window.AudioContext || window.webkitAudioContext;
    if (!sound && Sound) { sound = new Sound(); }
    if (sound && sound.state === "suspended") { sound.resume(); }
  });

  var hidden = function (name, value) {
    var input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    return input;
  };
  var recount = function () {
    var good = rows.querySelectorAll("[name=box]").length;
    form.hidden = !rows.children.length;
    form.querySelectorAll("[data-count]").forEach(function (el) { el.textContent = String(good); });
    form.querySelector("[type=submit]").hidden = !good;
  };
  var show = function (told, at) {
    var row = pattern.content.firstElementChild.cloneNode(true), link = row.querySelector("a");
    row.querySelector(".row-t").textContent = told.problem ? told.problem : told.text;
    row.querySelector(".row-s").textContent = [told.label || told.code, told.problem ? told.text : told.from + "から",
      told.boxes > 1 ? told.boxes + "箱のうち" + told.number + "箱目" : ""].filter(Boolean).join("・");
    link.href = told.problem ? told.href || "" : "/relief/receive_package?code=" + told.code + "&scanned_at=" + at;
    link.textContent = told.problem ? told.words || "" : "数がちがう";
    link.hidden = !link.getAttribute("href");
    if (!told.problem) {
      row.append(hidden("box", told.code), hidden("at-" + told.package, String(at)));
    } else { row.classList.add("odd"); }
    row.querySelector("button").addEventListener("click", function () {
      known.delete(told.code);
      row.remove();
      recount();
    });
    rows.prepend(row);
    said.textContent = told.problem || told.text + "を読み取りました";
    beep(!told.problem);
    recount();
  };

  var look = async function (text) {
    var code = (text.toUpperCase().split("/").pop() || "").replace(/[^0-9A-Z-]/g, "").slice(0, 20), now = Date.now();
    if (!code || now - (known.get(code) || 0) < AGAIN_MS) { return; }
    var again = known.has(code);
    known.set(code, now);
    if (again) { return; }
    var at = Math.floor(now / 1000);
    try {
      var answer = await fetch(finder.dataset.look + encodeURIComponent(code), { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) { throw new TypeError("no answer"); }
      show(await answer.json(), at);
    } catch (error) {
      if (!(error instanceof TypeError)) { throw error; }
      var own = window.moyaiQueue && await window.moyaiQueue.box(code);
      show(own || { code: code, problem: "この端末に控えのない箱です", words: "届いた物を書く",
        href: "/relief/record_arrival?label=" + code + "&scanned_at=" + at }, at);
    }
  };

  var reader = async function () {  // what turns a picture of the camera into text
    if ("BarcodeDetector" in window && (await window.BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
      var detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      return async function () { return (await detector.detect(video)).map(function (code) { return code.rawValue; }); };
    }
    await new Promise(function (done, failed) {
      var script = document.createElement("script");
      script.src = finder.dataset.reader;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
    var drawing = canvas.getContext("2d", { willReadFrequently: true });
    return async function () {
      var scale = Math.min(1, WIDTH / video.videoWidth);
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      drawing.drawImage(video, 0, 0, canvas.width, canvas.height);
      var picture = drawing.getImageData(0, 0, canvas.width, canvas.height);
      var found = window.jsQR(picture.data, picture.width, picture.height, { inversionAttempts: "dontInvert" });
      return found ? [found.data] : [];
    };
  };
  var watch = async function (read) {
    if (document.hidden || !video.videoWidth) { return; }
    (await read()).forEach(look);
  };
  var light = function () {
    var can = track.getCapabilities ? track.getCapabilities() : {};
    lamp.hidden = !can.torch;
    lamp.addEventListener("click", async function () {
      var on = lamp.getAttribute("aria-pressed") !== "true";
      await track.applyConstraints({ advanced: [{ torch: on }] });
      lamp.setAttribute("aria-pressed", String(on));
      lamp.querySelector("span").textContent = on ? "ライトを消す" : "ライトをつける";
    });
  };
  var start = async function () {
    var stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1280 } } });
    finder.hidden = false;
    var says = document.querySelector("[data-says]");
    says.textContent = says.dataset.says;
    video.srcObject = stream;
    track = stream.getVideoTracks()[0];
    light();
    await video.play();
    var read = await reader();
    var turn = async function () {
      await watch(read);
      setTimeout(turn, EVERY_MS);
    };
    turn();
  };
  var without = function (words) {
    camera.textContent = words;
    camera.hidden = false;
  };
  if (navigator.mediaDevices && navigator.mediaDevices.getUserMedia) {
    start().catch(function (error) {
      finder.hidden = true;
      without(error.name === "NotAllowedError" ? "カメラの使用が許可されていません。ブラウザの設定で許可するか、コードを入れてください。"
        : "カメラを使えません。コードを入れてください。");
    });
  }
}());
