// Keeps whoever loads a page while the server is away on a page of the dashboard's own, which comes back by itself. Browsers allow it on loopback and over
// trusted TLS only; elsewhere they show a page of their own.
navigator.serviceWorker?.register("/_content/Artel.Dashboard/away-worker.js", { scope: "/" }).catch(() => {});
