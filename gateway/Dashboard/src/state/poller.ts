// Does something again and again, never twice at a time.

/** However often it is asked for, with this much between two runs. */
const leastPauseMs = 150;

export class Poller {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isRunning = false;
  private isWanted = false;
  private isStopped = true;
  private endedAt = -Infinity;

  /** @param pauseMs How long to wait after a run, asked each time. */
  constructor(
    private readonly run: () => Promise<void>,
    private readonly pauseMs: () => number,
  ) {}

  start(): void {
    this.isStopped = false;
    this.soon();
  }

  stop(): void {
    this.isStopped = true;
    this.isWanted = false;
    clearTimeout(this.timer);
  }

  /** Runs as soon as may be; when a run is under way, once more after it. */
  soon(): void {
    if (this.isStopped) {
      return;
    }
    if (this.isRunning) {
      this.isWanted = true;
      return;
    }
    this.schedule(Math.max(0, this.endedAt + leastPauseMs - performance.now()));
  }

  private schedule(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.turn(), delayMs);
  }

  private async turn(): Promise<void> {
    this.isRunning = true;
    this.isWanted = false;
    try {
      await this.run();
    } finally {
      this.isRunning = false;
      this.endedAt = performance.now();
    }
    if (this.isWanted) {
      this.soon();
    } else if (!this.isStopped) {
      this.schedule(this.pauseMs());
    }
  }
}
