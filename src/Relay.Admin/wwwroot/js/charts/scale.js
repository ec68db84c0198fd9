// Scales of charts: values that a person would choose for the marks of an axis.

/** Marks from 0 to at least `max`, at round numbers; the last is the top of the axis. */
export function valueTicks(max, wanted = 4) {
  if (!(max > 0))
    return [0, 1];
  const rough = max / wanted;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map(m => m * magnitude).find(s => s >= rough);
  const ticks = [];
  for (let i = 0; i * step < max + step; i++)
    ticks.push(i * step);
  return ticks;
}

/** Marks at round times of day between two times. */
export function timeTicks(from, to, wanted = 5) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map(s => s * 1000);
  const step = steps.find(s => (to - from) / s <= wanted) ?? steps.at(-1);
  const ticks = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step)
    ticks.push(t);
  return ticks;
}

/**
 * At most so many points, each the mean of those that it stands for: more than a pixel's worth cannot be seen.
 * @param {{t: number}[]} points
 * @param {string[]} fields
 */
export function thin(points, fields, from, to, buckets) {
  if (points.length <= buckets || to <= from)
    return points;
  const width = (to - from) / buckets;
  const result = [];
  let group = [];
  let edge = -1;
  const close = () => {
    if (group.length === 0)
      return;
    const mean = { t: group.at(-1).t };
    for (const field of fields)
      mean[field] = group.reduce((sum, p) => sum + p[field], 0) / group.length;
    result.push(mean);
    group = [];
  };
  for (const point of points) {
    const bucket = Math.floor(point.t / width);
    if (bucket !== edge)
      close();
    edge = bucket;
    group.push(point);
  }
  close();
  return result;
}
