// The viewer's time zone: its name, and pairs of a moment (milliseconds since 1970) and the minutes added to UTC from
// then on. The server needs no zone database, and shows the times of the viewer's clock.
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
