// If a page is loaded while the server does not answer, the worker shows a page that comes back by itself. Browsers
// allow workers on loopback and over trusted TLS only; elsewhere they show their own error page.
navigator.serviceWorker?.register("/_content/Artel.Dashboard/away-worker.js", { scope: "/" }).catch(() => {});
