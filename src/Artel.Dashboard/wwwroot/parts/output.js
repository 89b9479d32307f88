// Keeps the end of a growing text in sight while whoever reads has not scrolled away from it.
export function begin(place) {
  let ending = false;
  let atEnd = true;
  const toEnd = () => { place.scrollTop = place.scrollHeight; };
  const scrolled = () => { atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 32; };
  place.addEventListener("scroll", scrolled, { passive: true });
  const grown = new MutationObserver(() => { if (ending && atEnd) toEnd(); });
  grown.observe(place, { childList: true, subtree: true, characterData: true });
  return {
    // Another part of the output is shown: its end, or a place that was found, or else its beginning. With stay, what is in sight stays there.
    show(end, stay) {
      ending = end;
      if (stay) return;
      const found = place.querySelector(".artel-hit-present");
      if (found) {
        place.scrollTop += found.getBoundingClientRect().top - place.getBoundingClientRect().top - place.clientHeight / 3;
      } else if (end) {
        atEnd = true;
        toEnd();
      } else {
        place.scrollTop = 0;
      }
    },
    end() {
      grown.disconnect();
      place.removeEventListener("scroll", scrolled);
    },
  };
}
