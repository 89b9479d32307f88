// A textarea with numbers of lines and marks beside it. The text is kept in this window's sessionStorage, and told to the page when it has rested.
const rest = 300;

export function begin(place, page, key, most) {
  const area = place.querySelector("textarea");
  const lines = place.querySelector(".artel-editor-lines");
  const marks = place.querySelector(".artel-editor-marks");
  const height = parseFloat(getComputedStyle(area).lineHeight);
  let timer = 0;
  let told = null;
  let telling = Promise.resolve();
  let leaving = false;
  let counted = 0;
  let marked = [];
  const draft = sessionStorage.getItem(key);

  // Settles when the page knows the text, also where that was told before.
  const tell = () => {
    clearTimeout(timer);
    const text = area.value;
    if (text !== told) {
      told = text;
      telling = text.length > most ? page.invokeMethodAsync("TooLong") : page.invokeMethodAsync("Changed", text);
    }
    return telling;
  };
  const keep = () => {
    // A browser that has no room for it, or keeps nothing, only forgets the draft.
    try { sessionStorage.setItem(key, area.value); } catch { sessionStorage.removeItem(key); }
  };
  const drawMarks = () => {
    marks.replaceChildren(...marked.slice(0, 200).map((line) => {
      const mark = document.createElement("div");
      mark.style.top = `${(line - 1) * height}px`;
      return mark;
    }));
  };
  const count = () => {
    const now = area.value.split("\n").length;
    if (now === counted) return;
    counted = now;
    lines.textContent = Array.from({ length: now }, (_, i) => i + 1).join("\n");
  };
  const scrolled = () => {
    lines.style.transform = marks.style.transform = `translateY(${-area.scrollTop}px)`;
  };
  const typed = () => {
    count();
    keep();
    clearTimeout(timer);
    timer = setTimeout(() => tell().catch(() => {}), rest);
  };
  // By this command what is written can be taken back with Ctrl-Z; where a browser does not know it, it is written all the same.
  const write = (text) => {
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
      typed();
    }
  };
  const pressed = (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Tab" && !event.shiftKey && !leaving) {
      event.preventDefault();
      const column = area.selectionStart - (area.value.lastIndexOf("\n", area.selectionStart - 1) + 1);
      write(" ".repeat(2 - (column % 2)));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
      write("\n" + area.value.slice(start, area.selectionStart).match(/^ */)[0]);
    }
    leaving = event.key === "Escape" || (leaving && event.key === "Shift");
  };
  const left = () => { leaving = false; };
  const set = (text) => {
    area.focus({ preventScroll: true });
    area.select();
    if (text.length > 100000) {
      area.value = text;
      typed();
    } else if (text.length > 0) {
      write(text);
    } else {
      document.execCommand("delete");
    }
    area.setSelectionRange(0, 0);
    area.scrollTop = 0;
    tell().catch(() => {});
  };

  area.addEventListener("input", typed);
  area.addEventListener("keydown", pressed);
  area.addEventListener("blur", left);
  area.addEventListener("scroll", scrolled, { passive: true });
  if (draft) area.value = draft;
  count();
  tell().catch(() => {});
  return {
    hasDraft: () => Boolean(draft),
    set,
    flush: tell,
    forget() {
      clearTimeout(timer);
      sessionStorage.removeItem(key);
    },
    mark(where) {
      marked = where;
      drawMarks();
    },
    go(line, column) {
      let at = 0;
      for (let i = 1; i < line; i++) {
        const next = area.value.indexOf("\n", at);
        if (next < 0) break;
        at = next + 1;
      }
      const end = area.value.indexOf("\n", at);
      const to = Math.min(at + column - 1, end < 0 ? area.value.length : end);
      area.focus();
      area.setSelectionRange(to, to);
      area.scrollTop = Math.max(0, (line - 1) * height - area.clientHeight / 3);
    },
    end() {
      clearTimeout(timer);
      area.removeEventListener("input", typed);
      area.removeEventListener("keydown", pressed);
      area.removeEventListener("blur", left);
      area.removeEventListener("scroll", scrolled);
    },
  };
}
