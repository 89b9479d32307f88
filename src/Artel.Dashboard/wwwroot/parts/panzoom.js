// Moves and zooms a drawing within its place: by dragging, the wheel with Ctrl, and buttons. What gets the focus comes into sight.
export function begin(place, width, height, middle) {
  const svg = place.querySelector("svg");
  const tall = () => Math.max(220, Math.min(height, innerHeight * 0.68));
  let scale = 1;
  let x = 0;
  let y = 0;
  let drag = null;

  const fitting = () => Math.min(place.clientWidth / width, place.clientHeight / height, 1);
  function show() {
    const w = place.clientWidth / scale;
    const h = place.clientHeight / scale;
    // Nothing is moved out of sight; what is smaller than its place stands in the middle.
    x = w >= width ? (width - w) / 2 : Math.max(0, Math.min(x, width - w));
    y = h >= height ? (height - h) / 2 : Math.max(0, Math.min(y, height - h));
    svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
  }
  function zoom(factor, cx = place.clientWidth / 2, cy = place.clientHeight / 2) {
    const next = Math.max(Math.min(0.05, fitting()), Math.min(3, scale * factor));
    x += cx / scale - cx / next;
    y += cy / scale - cy / next;
    scale = next;
    show();
  }

  place.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const box = place.getBoundingClientRect();
    zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  place.addEventListener("pointerdown", (event) => {
    if (event.button === 0) drag = { id: event.pointerId, px: event.clientX, py: event.clientY, moved: false };
  });
  place.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    const [dx, dy] = [event.clientX - drag.px, event.clientY - drag.py];
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    if (!drag.moved) place.setPointerCapture(drag.id);
    drag = { ...drag, px: event.clientX, py: event.clientY, moved: true };
    x -= dx / scale;
    y -= dy / scale;
    show();
  });
  const drop = () => setTimeout(() => { drag = null; });
  place.addEventListener("pointerup", drop);
  place.addEventListener("pointercancel", drop);
  // A drag that ends on a box does not open it.
  place.addEventListener("click", (event) => {
    if (drag && drag.moved) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
  place.addEventListener("dragstart", (event) => event.preventDefault());
  place.addEventListener("focusin", (event) => {
    if (!event.target.matches("a") || !event.target.matches(":focus-visible")) return;
    const box = event.target.getBBox();
    const [w, h] = [place.clientWidth / scale, place.clientHeight / scale];
    if (box.x < x || box.x + box.width > x + w) x = box.x + box.width / 2 - w / 2;
    if (box.y < y || box.y + box.height > y + h) y = box.y + box.height / 2 - h / 2;
    show();
  });
  const size = new ResizeObserver(show);
  size.observe(place);
  place.style.height = `${tall()}px`;
  // Readable at first, from its beginning, where all of it would be too small.
  scale = Math.max(fitting(), 0.55);
  y = middle - place.clientHeight / scale / 2;
  show();
  return {
    zoom: (factor) => zoom(factor),
    fit() {
      scale = fitting();
      show();
    },
    end: () => size.disconnect(),
  };
}
