// Draws with ECharts, which the page has loaded as the global `echarts`.
//
// A kind of drawing is a module beside this one that exports
//   option(data, theme)        the ECharts option for the data; theme is colours() below
//   pick(event, data)          optional: what to tell of a click, a text, or null
//   ranged(chart, data)        optional: [first, last] of what is shown after a zoom, in the units of the data
// It must not keep anything: it is called again with all data whenever they change, or the theme does.

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(`--artel-${name}`).trim();
  const states = ["waiting", "ready", "leased", "running", "succeeded", "failed", "cancelled", "skipped"];
  return {
    dark: document.documentElement.dataset.theme === "dark",
    state: Object.fromEntries(states.map((s) => [s, get(s)])),
    text: document.documentElement.dataset.theme === "dark" ? "#e2e8f0" : "#0f172a",
    faint: get("faint"),
    line: get("line"),
    surface: document.documentElement.dataset.theme === "dark" ? "#111a2c" : "#ffffff",
    series: document.documentElement.dataset.theme === "dark" ? ["#2dd4bf", "#60a5fa", "#fbbf24", "#f472b6"] : ["#0f766e", "#1d4ed8", "#b45309", "#be185d"],
  };
}

export async function begin(place, kind, page) {
  const module = await import(`./${kind}.js`);
  const chart = echarts.init(place, null, { renderer: "canvas" });
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let data = null;
  let last = "";
  const show = () => {
    if (data !== null) {
      chart.setOption({ animation: !still, animationDuration: 200, animationDurationUpdate: 200, ...module.option(data, colours()) }, { notMerge: false, replaceMerge: ["series"], lazyUpdate: true });
    }
  };
  const size = new ResizeObserver(() => chart.resize());
  size.observe(place);
  document.addEventListener("artel-theme", show);
  const tell = (method, ...args) => page.invokeMethodAsync(method, ...args).catch(() => {});
  if (module.pick) {
    chart.on("click", (event) => {
      const what = module.pick(event, data);
      if (what !== null && what !== undefined) tell("Picked", String(what));
    });
  }
  if (module.ranged) {
    let timer = 0;
    chart.on("datazoom", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const range = module.ranged(chart, data);
        const said = JSON.stringify(range);
        if (range && said !== last) {
          last = said;
          tell("Ranged", range[0], range[1]);
        }
      }, 250);
    });
  }
  return {
    draw(text) {
      data = JSON.parse(text);
      show();
    },
    end() {
      size.disconnect();
      document.removeEventListener("artel-theme", show);
      chart.dispose();
    },
  };
}

// Axes that look alike in all drawings.
export function axis(theme, more) {
  return {
    axisLine: { lineStyle: { color: theme.line } },
    axisTick: { show: false },
    axisLabel: { color: theme.faint, fontSize: 11 },
    splitLine: { lineStyle: { color: theme.line } },
    ...more,
  };
}

export function tooltip(theme, more) {
  return { backgroundColor: theme.surface, borderColor: theme.line, textStyle: { color: theme.text, fontSize: 12 }, confine: true, ...more };
}
