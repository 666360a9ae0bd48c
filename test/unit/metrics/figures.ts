/** One figure of a text for Prometheus, by its name and labels as they are written; 0 if absent. */
export function figure(text: string, series: string): number {
  const line = text.split('\n').find((it) => it.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}
