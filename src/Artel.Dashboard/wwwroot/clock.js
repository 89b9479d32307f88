// The zone of whoever looks, as the browser knows it: its name, and from which moment on (milliseconds since 1970) which minutes are added to UTC. The
// server needs no zones of its own, and shows the times that the viewer's clock shows.
window.artelClock = {
  zone() {
    const hour = 3600e3;
    const minutes = (at) => -new Date(at).getTimezoneOffset();
    const now = Date.now();
    const first = now - 10 * 365 * 24 * hour;
    const changes = [[0, minutes(first)]];
    const step = 24 * hour * 20;
    for (let at = first; at < now + 10 * 365 * 24 * hour; at += step) {
      if (minutes(at) === minutes(at + step)) continue;
      let [before, after] = [at, at + step];
      while (after - before > 60e3) {
        const middle = Math.floor((before + after) / 2);
        if (minutes(middle) === minutes(before)) before = middle; else after = middle;
      }
      after = Math.floor(after / 60e3) * 60e3;
      changes.push([after, minutes(after)]);
    }
    return { name: Intl.DateTimeFormat().resolvedOptions().timeZone || "", changes };
  },
};
