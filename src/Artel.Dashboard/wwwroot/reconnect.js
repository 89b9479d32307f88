// While the server does not answer, a banner says so, and no click leads to an error page of the browser. When the
// server answers again, the page goes on, or opens the link that was clicked. If the server no longer has the page's
// circuit, the page is loaded again at its address, which holds all of its state.
(() => {
  const banner = document.getElementById("artel-away");
  const words = document.getElementById("artel-away-words");
  const circuit = document.getElementById("components-reconnect-modal");
  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  let isAway = false;
  let isWatching = false;
  let wanted = null;

  const place = (address) => { const url = new URL(address, location.href); return url.pathname + url.search; };
  const say = () => {
    words.textContent = wanted
      ? `The server does not answer. ${place(wanted)} opens by itself when it does.`
      : "The server does not answer. This page comes back by itself when it does.";
    banner.hidden = !isAway;
  };

  // Asked for as the browser would: what would not come back must not take the place of this page.
  const answers = (address) => fetch(address, { cache: "no-store", headers: { Accept: "text/html" }, signal: AbortSignal.timeout(5000) })
    .then((r) => r.status < 500 && !r.headers.has("Artel-Away"), () => false);

  const comeBack = async () => {
    if (isWatching) return;
    isWatching = true;
    while (isAway) {
      await pause(1000);
      if (!isAway || !(await answers(location.href))) continue;
      if (wanted) {
        location.assign(wanted);
        break;
      }
      // The circuit has a moment to be taken up again; otherwise the page is loaded again.
      await pause(1500);
      if (isAway) location.reload();
    }
    isWatching = false;
  };

  circuit.addEventListener("components-reconnect-state-changed", ({ detail }) => {
    isAway = detail.state !== "hide";
    if (!isAway && wanted) {
      const target = wanted;
      wanted = null;
      location.assign(target);
    }
    say();
    comeBack();
  });

  // In the capture phase, before any other handler. The browser follows links to other sites and into other windows.
  const stop = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const target = new URL(link.href, location.href);
    if (target.origin !== location.origin || (target.hash && place(target) === place(location.href))) return;
    if (isAway) {
      stop(event);
      if (!link.hasAttribute("download") && link.target !== "_blank") wanted = target.href;
      say();
      return;
    }
    // These load a whole page, past the circuit: first check that the server answers.
    if (link.hasAttribute("data-whole-page")) {
      stop(event);
      answers(target.href).then((there) => {
        if (there) {
          location.assign(target.href);
        } else {
          wanted = target.href;
          isAway = true;
          say();
          comeBack();
        }
      });
    }
  }, true);
})();
