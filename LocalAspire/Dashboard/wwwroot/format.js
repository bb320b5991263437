const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

export const formatTime = milliseconds => clock.format(milliseconds);

export function formatBytes(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  for (; Math.abs(bytes) >= 1000 && unit < units.length - 1; unit++) bytes /= 1000;
  return `${number.format(bytes)} ${units[unit]}`;
}

/** A span of seconds as people say it: 42 s, 3 min 5 s, 2 h 10 min. */
export function formatSpan(seconds) {
  seconds = Math.max(0, Math.floor(seconds));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds / 3600) % 24} h`;
}

/** A duration in milliseconds with three digits: 950 ns, 1.25 µs, 12.3 ms, 2.1 s. */
export function formatDuration(milliseconds) {
  const [value, unit] = milliseconds < 0.001 ? [milliseconds * 1e6, 'ns']
    : milliseconds < 1 ? [milliseconds * 1000, 'µs'] : milliseconds < 1000 ? [milliseconds, 'ms'] : [milliseconds / 1000, 's'];
  return `${Number(value.toPrecision(3))} ${unit}`;
}
