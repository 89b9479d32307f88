// While the server does not answer a banner says so. When it answers again the page goes on; where the server has forgotten it, it is loaded
// again, at the address that holds all of its state.
(() => {
  const banner = document.getElementById("components-reconnect-modal");
  const shown = "artel-gone-shown";
  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  let watching = false;

  // Asked for as the browser would: what would not come back must not take the place of this page.
  const answers = () => fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" }, signal: AbortSignal.timeout(5000) }).then((r) => r.ok, () => false);

  const comeBack = async () => {
    if (watching) return;
    watching = true;
    while (banner.classList.contains(shown)) {
      await pause(1000);
      // It answers: the circuit has a moment to be taken up again, or the page starts anew.
      if ((await answers()) && (await pause(1500), banner.classList.contains(shown))) location.reload();
    }
    watching = false;
  };

  banner.addEventListener("components-reconnect-state-changed", ({ detail }) => {
    banner.classList.toggle(shown, detail.state !== "hide");
    comeBack();
  });
})();
