// Draws a task map: a cell for one or several tasks, coloured by their states. Knows which cell is pointed at; what is shown instead is decided elsewhere.
import { colours } from "../charts/chart.js";

// From what is done to what somebody should look at: in a divided cell the last one is at the top, and never too small to be seen.
const order = ["succeeded", "skipped", "cancelled", "waiting", "ready", "leased", "running", "failed"];
const least = { failed: 0.34, running: 0.2, cancelled: 0.15 };
const largest = 28;
const words = new Intl.NumberFormat("en");

export function begin(place, page) {
  const canvas = place.querySelector("canvas");
  const tip = place.querySelector(".artel-map-tip");
  const pen = canvas.getContext("2d");
  let map = null;
  let grid = { size: largest, columns: 1 };
  let at = -1;
  let turned = 0;

  const tell = (method, ...args) => page.invokeMethodAsync(method, ...args).catch(() => {});
  const firstOf = (cell) => map.first + cell * map.cellSize;
  const countOf = (cell) => Math.min(map.cellSize, map.first + map.count - firstOf(cell));

  function lay() {
    const width = Math.max(40, place.clientWidth);
    const height = Math.max(240, Math.min(520, innerHeight * 0.55));
    let size = largest;
    while (size > 3 && Math.ceil(map.cells / Math.floor(width / size)) * size > height) size -= 0.5;
    const columns = Math.max(1, Math.min(map.cells, Math.floor(width / size)));
    grid = { size, columns, rows: Math.ceil(map.cells / columns), width };
    const ratio = devicePixelRatio || 1;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${Math.ceil(grid.rows * size)}px`;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(Math.ceil(grid.rows * size) * ratio);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  // The parts of a cell, as shares that add up to 1.
  function partsOf(cell) {
    const parts = [];
    let total = 0;
    for (const state of order) {
      const count = map.counts[state] ? map.counts[state][cell] : 0;
      if (count > 0) {
        parts.push({ state, count, share: 0 });
        total += count;
      }
    }
    let sum = 0;
    for (const part of parts) {
      part.share = Math.max(part.count / total, least[part.state] ?? 0);
      sum += part.share;
    }
    for (const part of parts) part.share /= sum;
    return parts;
  }

  function show() {
    if (!map) return;
    lay();
    const theme = colours();
    const gap = grid.size >= 8 ? 1 : grid.size >= 5 ? 0.5 : 0;
    pen.clearRect(0, 0, grid.width, grid.rows * grid.size);
    for (let cell = 0; cell < map.cells; cell++) {
      const x = (cell % grid.columns) * grid.size;
      const side = grid.size - gap;
      let bottom = Math.floor(cell / grid.columns) * grid.size + side;
      for (const part of partsOf(cell)) {
        const height = part.share * side;
        pen.fillStyle = theme.state[part.state];
        pen.fillRect(x, bottom - height, side, height);
        bottom -= height;
      }
    }
    point(theme);
  }

  function point(theme) {
    if (at < 0 || !map) {
      tip.style.display = "none";
      return;
    }
    const x = (at % grid.columns) * grid.size;
    const y = Math.floor(at / grid.columns) * grid.size;
    pen.lineWidth = 2;
    pen.strokeStyle = theme.text;
    pen.strokeRect(x + 0.5, y + 0.5, grid.size - 1, grid.size - 1);
    const count = countOf(at);
    const first = words.format(firstOf(at));
    const counts = partsOf(at).reverse().map((p) => (count === 1 ? p.state : `${words.format(p.count)} ${p.state}`)).join(", ");
    tip.textContent = `${count === 1 ? `Task ${first}` : `Tasks ${first}–${words.format(firstOf(at) + count - 1)}`}: ${counts}`;
    tip.style.display = "block";
    tip.style.left = `${Math.max(0, Math.min(x + grid.size / 2 - tip.offsetWidth / 2, grid.width - tip.offsetWidth))}px`;
    tip.style.top = y > tip.offsetHeight + 8 ? `${y - tip.offsetHeight - 6}px` : `${y + grid.size + 6}px`;
  }

  function cellAt(event) {
    const box = canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / grid.size);
    const cell = Math.floor((event.clientY - box.top) / grid.size) * grid.columns + column;
    return map && column >= 0 && column < grid.columns && cell >= 0 && cell < map.cells ? cell : -1;
  }

  function move(cell) {
    if (cell !== at) {
      at = cell;
      show();
    }
  }

  const choose = (cell) => cell >= 0 && tell("Chosen", firstOf(cell), countOf(cell));
  const zoom = (inwards) => map && tell("Zoomed", at >= 0 ? firstOf(at) + (countOf(at) >> 1) : map.first + (map.count >> 1), inwards);

  canvas.addEventListener("pointermove", (event) => event.pointerType === "mouse" && move(cellAt(event)));
  canvas.addEventListener("pointerleave", () => move(-1));
  canvas.addEventListener("click", (event) => choose(cellAt(event)));
  canvas.addEventListener("blur", () => move(-1));
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== canvas) return;
    event.preventDefault();
    if (event.timeStamp - turned > 200) {
      turned = event.timeStamp;
      at = cellAt(event);
      zoom(event.deltaY < 0);
    }
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    if (!map || event.altKey || event.ctrlKey || event.metaKey) return;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -grid.columns, ArrowDown: grid.columns, Home: -map.cells, End: map.cells };
    if (event.key in steps) move(at < 0 ? 0 : Math.max(0, Math.min(map.cells - 1, at + steps[event.key])));
    else if (event.key === "Enter" || event.key === " ") choose(at < 0 ? 0 : at);
    else if (event.key === "+" || event.key === "=") zoom(true);
    else if (event.key === "-" || event.key === "Backspace") zoom(false);
    else return;
    event.preventDefault();
  });
  const sized = new ResizeObserver(() => show());
  sized.observe(place);
  document.addEventListener("artel-theme", show);

  return {
    draw(what, bytes) {
      // A copy, since numbers of four bytes must begin at a multiple of four.
      const numbers = new Int32Array(bytes.slice().buffer);
      if (!map || map.first !== what.first || map.count !== what.count) at = -1;
      map = { ...what, counts: {} };
      what.states.forEach((state, i) => { map.counts[state] = numbers.subarray(i * what.cells, (i + 1) * what.cells); });
      show();
    },
    end() {
      sized.disconnect();
      document.removeEventListener("artel-theme", show);
    },
  };
}
