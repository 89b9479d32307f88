// Copies the text of an element; where the browser does not allow that (no TLS), selects it and says false.
export async function copyTextOf(id) {
  const element = document.getElementById(id);
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    return false;
  }
}
