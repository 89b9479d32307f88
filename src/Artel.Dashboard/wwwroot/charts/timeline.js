// What ran when. { rows: [node or ""], bars: [[row, start, end, kind, attempt, task, words]], from, to, seen: [first, last] }: times in milliseconds since 1970.
// A kind is told by its pattern too: failed is striped, lost dashed, running open at its end; a retry begins with a dark edge.
import { axis, tooltip } from "./chart.js";

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

function colour(kind, theme) {
  return theme.state[{ lost: "cancelled", cancelled: "skipped" }[kind] ?? kind];
}

function bar(params, api, theme) {
  const kind = api.value(3);
  const [left, middle] = api.coord([api.value(1), api.value(0)]);
  const [right] = api.coord([api.value(2), api.value(0)]);
  const height = Math.max(3, Math.min(14, api.size([0, 1])[1] * 0.72));
  const box = params.coordSys;
  const shape = echarts.graphic.clipRectByRect(
    { x: left, y: middle - height / 2, width: Math.max(2, right - left), height },
    { x: box.x, y: box.y, width: box.width, height: box.height });
  if (!shape) return null;
  const fill = colour(kind, theme);
  const children = [{
    type: "rect",
    shape: { ...shape, r: Math.min(2, shape.width / 2) },
    style: kind === "lost" ? { fill, fillOpacity: 0.25, stroke: fill, lineWidth: 1.5, lineDash: [4, 3] } : { fill, fillOpacity: kind === "running" ? 0.75 : 1 },
  }];
  if (kind === "failed" && shape.width > 6) {
    for (let x = shape.x + 3; x + 3 < shape.x + shape.width && children.length < 60; x += 7) {
      children.push({ type: "line", shape: { x1: x, y1: shape.y + shape.height - 1, x2: x + 3, y2: shape.y + 1 }, style: { stroke: theme.surface, lineWidth: 1.2, opacity: 0.7 }, silent: true });
    }
  }
  if (kind === "running" && shape.width > 6) {
    const x = shape.x + shape.width;
    children.push({ type: "polygon", shape: { points: [[x - 4, shape.y], [x, shape.y], [x, shape.y + shape.height], [x - 4, shape.y + shape.height], [x, shape.y + shape.height / 2]] }, style: { fill: theme.surface }, silent: true });
  }
  if (api.value(4) > 1) {
    children.push({ type: "rect", shape: { x: shape.x, y: shape.y - 1, width: Math.min(2.5, shape.width), height: shape.height + 2 }, style: { fill: theme.text }, silent: true });
  }
  return { type: "group", children };
}

export function option(data, theme) {
  const first = (index) => index > 0 && data.rows[index] !== "";
  return {
    animation: false,
    grid: { left: 8, right: 14, top: 8, bottom: 44, containLabel: true },
    tooltip: tooltip(theme, {
      trigger: "item",
      formatter: (p) => `Task ${p.value[5]}, attempt ${p.value[4]}<br>${escape(p.value[6])}`,
    }),
    xAxis: axis(theme, { type: "time", min: data.from, max: data.to, splitLine: { show: true, lineStyle: { color: theme.line } } }),
    yAxis: axis(theme, {
      type: "category",
      inverse: true,
      data: data.rows.map((_, i) => i),
      axisLabel: { color: theme.faint, fontSize: 11, interval: (i) => data.rows[i] !== "", formatter: (i) => (data.rows[i].length > 18 ? `${data.rows[i].slice(0, 17)}…` : data.rows[i]) },
      splitLine: { show: true, interval: first, lineStyle: { color: theme.line } },
    }),
    dataZoom: [
      { type: "inside", xAxisIndex: 0, filterMode: "weakFilter", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, startValue: data.seen[0], endValue: data.seen[1], minValueSpan: 20 },
      { type: "slider", xAxisIndex: 0, filterMode: "weakFilter", height: 18, bottom: 8, showDetail: false, startValue: data.seen[0], endValue: data.seen[1], minValueSpan: 20, borderColor: theme.line, brushSelect: false },
    ],
    series: [{
      type: "custom",
      renderItem: (params, api) => bar(params, api, theme),
      encode: { x: [1, 2], y: 0 },
      dimensions: ["row", { name: "start", type: "time" }, { name: "end", type: "time" }, { name: "kind", type: "ordinal" }, "attempt", "task", { name: "words", type: "ordinal" }],
      data: data.bars,
    }],
  };
}

export function pick(event) {
  return event.value ? event.value[5] : null;
}

export function ranged(chart) {
  const zoom = chart.getOption().dataZoom[0];
  return [zoom.startValue, zoom.endValue];
}
