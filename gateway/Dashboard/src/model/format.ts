// Numbers and times as people read them.

const counts = new Intl.NumberFormat('en');
const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

export function formatCount(count: number): string {
  return counts.format(count);
}

/** "1 connection", "2 connections". */
export function formatQuantity(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Powers of 1000, three digits: "0 B", "999 B", "1.23 MB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : toThreeDigits(value)} ${units[unit] ?? ''}`;
}

export function formatByteRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** Down to the microsecond where that says something: "0.007 ms", "26.3 ms", "1,204 ms". */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds >= 1000) {
    return `${counts.format(Math.round(milliseconds))} ms`;
  }
  if (milliseconds === 0) {
    return '0 ms';
  }
  const digits = milliseconds >= 100 ? 0 : milliseconds >= 10 ? 1 : milliseconds >= 1 ? 2 : 3;
  return `${milliseconds.toFixed(digits)} ms`;
}

/** Two units at most: "4 s", "3 min 20 s", "2 d 4 h". */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) {
    return `${seconds < 0 ? 0 : Number(seconds.toFixed(1))} s`;
  }
  const whole = Math.round(seconds);
  if (whole < 60) {
    return `${whole} s`;
  }
  if (whole < 3600) {
    return join(Math.floor(whole / 60), 'min', whole % 60, 's');
  }
  const minutes = Math.floor(whole / 60);
  return minutes < 24 * 60
    ? join(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
    : join(Math.floor(minutes / 1440), 'd', Math.floor((minutes % 1440) / 60), 'h');
}

/** In the browser's time zone, to the millisecond: "14:03:07.120". */
export function formatClock(at: string): string {
  const time = new Date(at);
  return [pad(time.getHours(), 2), pad(time.getMinutes(), 2), pad(time.getSeconds(), 2)].join(':') + `.${pad(time.getMilliseconds(), 3)}`;
}

/** "2026-11-27 14:03:07.120". */
export function formatDateAndClock(at: string): string {
  const time = new Date(at);
  return `${time.getFullYear()}-${pad(time.getMonth() + 1, 2)}-${pad(time.getDate(), 2)} ${formatClock(at)}`;
}

function toThreeDigits(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function join(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major} ${majorUnit}` : `${major} ${majorUnit} ${minor} ${minorUnit}`;
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
