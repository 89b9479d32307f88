// Puts a text on the clipboard; false where the browser does not allow it. Without TLS, other than on loopback, browsers know only the old way.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const place = document.createElement("textarea");
    place.value = text;
    place.setAttribute("aria-hidden", "true");
    place.style.position = "fixed";
    place.style.opacity = "0";
    document.body.append(place);
    const before = document.activeElement;
    place.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch {
      done = false;
    }
    place.remove();
    before?.focus();
    return done;
  }
}
