// Counts by class. { bars: [{ label, value, color }], unit }
import { axis, tooltip } from "./chart.js";

export function option(data, theme) {
  return {
    grid: { left: 8, right: 12, top: 10, bottom: 4, containLabel: true },
    tooltip: tooltip(theme, { trigger: "axis", axisPointer: { type: "shadow" } }),
    xAxis: axis(theme, { type: "category", data: data.bars.map((bar) => bar.label), splitLine: { show: false } }),
    yAxis: axis(theme, { type: "value", min: 0, minInterval: 1 }),
    series: [{
      type: "bar",
      barCategoryGap: "12%",
      name: data.unit,
      data: data.bars.map((bar) => ({ value: bar.value, itemStyle: { color: bar.color ? theme.state[bar.color] : theme.series[0], borderRadius: [2, 2, 0, 0] } })),
    }],
  };
}
