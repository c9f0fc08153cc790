(function () {
  "use strict";
  var root = document.documentElement, key = "renkou-lang", kept = null;
  try { kept = localStorage.getItem(key); } catch (e) { /* pages opened as files may have no store */ }
  var asked = location.hash === "#zh" || location.hash === "#en" ? location.hash.slice(1) : null;
  function set(lang) {
    root.dataset.lang = lang;
    root.lang = lang === "zh" ? "zh-CN" : "en";
    document.querySelectorAll("[data-set]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.set === lang));
    });
    document.querySelectorAll("[data-en]").forEach(function (field) {
      field.setAttribute(field.tagName === "INPUT" ? "placeholder" : "aria-label", field.dataset[lang]);
    });
  }
  set(asked || kept || root.dataset.lang);
  document.querySelectorAll("[data-set]").forEach(function (button) {
    button.addEventListener("click", function () {
      set(button.dataset.set);
      try { localStorage.setItem(key, button.dataset.set); } catch (e) { /* as above */ }
      tell();
    });
  });
  var search = document.getElementById("search"), found = document.getElementById("found");
  var items = Array.prototype.slice.call(document.querySelectorAll("[data-words]"));
  function tell() {
    if (!search) { return; }
    var words = search.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean), count = 0;
    items.forEach(function (item) {
      var fits = words.every(function (word) { return item.dataset.words.indexOf(word) >= 0; });
      item.hidden = !fits;
      if (fits) { count += 1; }
    });
    document.querySelectorAll("section").forEach(function (part) {
      part.hidden = !part.querySelector("[data-words]:not([hidden])");
    });
    var zh = root.dataset.lang === "zh";
    found.textContent = words.length === 0 ? "" : zh ? "找到 " + count + " 项" : count + " found";
  }
  if (search) { search.addEventListener("input", tell); tell(); }
})();
