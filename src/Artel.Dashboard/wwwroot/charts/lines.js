// Values over time. { series: [{ name, unit, area, step, color, points: [[milliseconds, value | null], …] }], max, from, to }
// A null breaks the line: nothing is known there.
import { axis, tooltip } from "./chart.js";

const short = (value) => (Math.abs(value) >= 1e6 ? `${+(value / 1e6).toFixed(1)}M` : Math.abs(value) >= 1e3 ? `${+(value / 1e3).toFixed(1)}k` : `${+(Math.abs(value) < 0.1 ? value.toPrecision(2) : value.toFixed(2))}`);

export function option(data, theme) {
  return {
    grid: { left: 8, right: 20, top: data.series.length > 1 ? 28 : 10, bottom: 4, containLabel: true },
    legend: data.series.length > 1 ? { top: 0, left: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: { color: theme.text } } : { show: false },
    tooltip: tooltip(theme, { trigger: "axis", valueFormatter: (value) => (value === null || value === undefined ? "–" : short(value)) }),
    xAxis: axis(theme, { type: "time", min: data.from, max: data.to, splitLine: { show: false }, axisLabel: { color: theme.faint, fontSize: 11, hideOverlap: true } }),
    yAxis: axis(theme, { type: "value", min: 0, max: data.max ?? undefined, minInterval: data.whole ? 1 : undefined, axisLabel: { color: theme.faint, fontSize: 11, formatter: short } }),
    series: data.series.map((line, i) => ({
      name: line.name,
      type: "line",
      showSymbol: false,
      connectNulls: false,
      step: line.step ? "end" : false,
      stack: line.stack ? "all" : undefined,
      lineStyle: { width: 1.5 },
      areaStyle: line.area ? { opacity: 0.18 } : undefined,
      color: line.color ? theme.state[line.color] : theme.series[i % theme.series.length],
      data: line.points,
    })),
  };
}
