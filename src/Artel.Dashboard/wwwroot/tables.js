// No table is cut off: one that does not fit its container becomes a list of its rows, each cell under the name of its
// column. It becomes a table again as soon as it fits.
(() => {
  const places = ".artel-scroll, .mud-table-container";
  // As it was when it was last looked at: a list is measured again as a table only when that has changed.
  const measured = new WeakMap();

  const names = (table) => {
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => (cell.querySelector(".artel-unseen, input") ? "" : cell.textContent.trim().replace(/\s*[▴▾]$/, "")));
    for (const row of table.querySelectorAll(":scope > tbody > tr, :scope > tfoot > tr")) {
      let column = 0;
      for (const cell of row.cells) {
        const name = cell.colSpan === 1 ? heads[column] ?? "" : "";
        if (cell.dataset.column !== name) cell.dataset.column = name;
        column += cell.colSpan;
      }
    }
  };

  const lay = (place) => {
    const table = place.querySelector(":scope > table");
    if (!table) return;
    const width = place.clientWidth;
    if (width === 0) return;
    const seen = measured.get(place);
    const rows = table.rows.length;
    if (place.hasAttribute("data-list") && seen && (seen.width !== width || seen.rows !== rows)) place.removeAttribute("data-list");
    if (!place.hasAttribute("data-list") && table.scrollWidth > width + 1) place.setAttribute("data-list", "");
    measured.set(place, { width, rows });
    if (place.hasAttribute("data-list")) names(table);
  };

  const sizes = new ResizeObserver((entries) => { for (const entry of entries) lay(entry.target); });
  const known = new WeakSet();
  let isDue = false;
  const look = () => {
    isDue = false;
    for (const place of document.querySelectorAll(places)) {
      if (!known.has(place)) {
        known.add(place);
        sizes.observe(place);
      }
      lay(place);
    }
  };
  new MutationObserver(() => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(look);
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
  look();
})();
