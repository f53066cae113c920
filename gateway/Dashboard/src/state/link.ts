// Whether the gateway answers.

export interface Link {
  /** `locked`: it answers, but not without a log-in. */
  readonly state: 'connecting' | 'live' | 'locked' | 'lost';
  /** Date.now() of the last answer; null before the first. */
  readonly answeredAt: number | null;
  /** Why the last request failed; empty while all is well. */
  readonly reason: string;
}

export const firstLink: Link = { state: 'connecting', answeredAt: null, reason: '' };

/** One failure may be chance; it is tried again soon. */
const toleratedFailures = 1;

export class LinkWatch {
  link: Link = firstLink;
  private failures = 0;
  private failingSince = 0;

  /** How long the gateway was lost, in milliseconds; null when it was not. */
  succeeded(now: number): number | null {
    const wasLost = this.link.state === 'lost';
    this.failures = 0;
    this.link = { state: 'live', answeredAt: now, reason: '' };
    return wasLost ? now - this.failingSince : null;
  }

  refused(): void {
    this.failures = 0;
    this.link = { ...this.link, state: 'locked', reason: '' };
  }

  /** True when the gateway counts as lost from now on. */
  failed(now: number, reason: string): boolean {
    this.failures += 1;
    if (this.failures === 1) {
      this.failingSince = now;
    }
    if (this.failures <= toleratedFailures) {
      return false;
    }
    const isNew = this.link.state !== 'lost';
    this.link = { ...this.link, state: 'lost', reason };
    return isNew;
  }

  get isDoubtful(): boolean {
    return this.failures > 0 && this.link.state !== 'lost';
  }
}
