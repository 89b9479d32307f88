// Answers requests for whole pages while the server cannot be reached. Passes everything else on, and stores nothing.
const page = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The server does not answer · Artel</title>
<style>
  html { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; background: #f8fafc; color: #0f172a; }
  html[data-theme="light"] { color-scheme: light; }
  html[data-theme="dark"] { color-scheme: dark; background: #0b1220; color: #e2e8f0; }
  main { max-width: 34rem; margin: 14vh auto 0; padding: 0 1.25rem; }
  h1 { font-size: 1.5rem; }
</style>
</head>
<body>
<main>
<h1>The server does not answer</h1>
<p role="status">This page comes back by itself when it does.</p>
<p>On the server's machine, <code>artel server status</code> shows whether it runs, and <code>artel server start</code> starts it.</p>
</main>
<script>
  const choice = localStorage.getItem("artel-theme");
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  const look = async () => {
    const there = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" }, signal: AbortSignal.timeout(5000) })
      .then((r) => r.status < 500, () => false);
    if (there) location.replace(location.href); else setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
</script>
</body>
</html>`;

const headers = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-store",
  "Artel-Away": "true",
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") {
    event.respondWith(fetch(event.request).catch(() => new Response(page, { status: 503, headers })));
  }
});
