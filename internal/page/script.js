
(function () {
  "use strict";
  function all(selector, root) { return Array.from((root || document).querySelectorAll(selector)); }

  // Sorting: a heading becomes a button; numbers sort as numbers, what is empty goes last.
  function value(row, column) {
    var cell = row.cells[column], text = cell ? cell.textContent.trim() : "";
    if (text === "" || text === "-") { return null; }
    var n = Number(text.replace(/ \(best\)$/, ""));
    return Number.isNaN(n) ? text.toLowerCase() : n;
  }
  function order(a, b, sign) {
    if (a === null || b === null) { return (a === null ? 1 : 0) - (b === null ? 1 : 0); }
    if (typeof a !== typeof b) { return typeof a === "number" ? -1 : 1; }
    return sign * (typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true }));
  }
  all("table.scores").forEach(function (table) {
    var heads = all("thead tr:last-child th", table), body = table.tBodies[0];
    if (body.rows.length === 1) { return; }
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append.apply(button, Array.from(head.childNodes));
      head.append(button);
      button.addEventListener("click", function () {
        var now = head.getAttribute("aria-sort"), first = head.dataset.first || "ascending";
        var other = first === "ascending" ? "descending" : "ascending";
        var next = now === first ? other : first, sign = next === "ascending" ? 1 : -1;
        heads.forEach(function (h) { h.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", next);
        var rows = Array.from(body.rows).map(function (row) { return [value(row, column), row]; });
        rows.sort(function (a, b) { return order(a[0], b[0], sign); });
        rows.forEach(function (r) { body.append(r[1]); });
      });
    });
  });

  // Search: rows of tables and pictures whose name holds what was typed.
  var input = document.getElementById("find"), count = document.getElementById("count");
  if (input) {
    input.parentNode.hidden = false;
    var named = all("[data-name]"), blocks = all("[data-names]");
    var apply = function () {
      var want = input.value.trim().toLowerCase(), hits = {};
      named.forEach(function (e) {
        var name = e.dataset.name.toLowerCase();
        e.hidden = name.indexOf(want) === -1;
        if (!e.hidden) { hits[name] = true; }
      });
      blocks.forEach(function (b) { b.hidden = !b.querySelector("[data-name]:not([hidden])"); });
      all("main > section").forEach(function (s) {
        var inside = all("[data-names]", s);
        s.hidden = want !== "" ? inside.length !== 0 ? inside.every(function (b) { return b.hidden; }) : false : false;
      });
      var n = Object.keys(hits).length;
      count.textContent = want === "" ? "" : n === 1 ? "1 name" : n + " names";
    };
    input.addEventListener("input", apply);
    input.addEventListener("keydown", function (e) {
      if (e.key === "Escape") { input.value = ""; apply(); }
    });
  }

  // A picture that is pressed is shown large.
  if (window.HTMLDialogElement) {
    var box = document.createElement("dialog"), large = document.createElement("img"), label = document.createElement("p");
    box.append(large, label);
    document.body.append(box);
    box.addEventListener("click", function () { box.close(); });
    all(".pic img").forEach(function (img) {
      img.addEventListener("click", function () {
        large.src = img.src;
        large.alt = img.alt;
        label.textContent = img.alt;
        box.showModal();
      });
    });
  }
})();
