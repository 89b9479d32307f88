// While the server does not answer a banner says so. When it answers again the page goes on; where the server has forgotten it, it is loaded
// again, at the address that holds all of its state.
(() => {
  const banner = document.getElementById("components-reconnect-modal");
  const shown = "artel-gone-shown";
  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  let watching = false;

  const comeBack = async () => {
    if (watching) return;
    watching = true;
    await pause(500);
    while (banner.classList.contains(shown)) {
      if (await fetch("/healthz", { cache: "no-store" }).then((r) => r.ok, () => false)) {
        // It answers: the circuit has a moment to be taken up again, or the page starts anew.
        await pause(1500);
        if (banner.classList.contains(shown)) location.reload();
        break;
      }
      await pause(1000);
    }
    watching = false;
  };

  banner.addEventListener("components-reconnect-state-changed", ({ detail }) => {
    if (detail.state === "rejected") {
      location.reload();
      return;
    }
    banner.classList.toggle(shown, detail.state !== "hide");
    comeBack();
  });
})();
