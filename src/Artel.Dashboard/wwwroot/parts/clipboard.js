// Copies a text; false if the browser does not let it.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without a secure origin there is no clipboard, but what is selected can be copied.
    const place = document.createElement("textarea");
    place.value = text;
    place.style.position = "fixed";
    place.style.opacity = "0";
    document.body.append(place);
    place.select();
    const done = document.execCommand("copy");
    place.remove();
    return done;
  }
}
