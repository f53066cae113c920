import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Tells an element that its size has changed, for as long as it is on the page. */
export class Resizing implements ReactiveController {
  private readonly observer: ResizeObserver;

  constructor(
    private readonly host: ReactiveControllerHost & Element,
    changed: () => void,
  ) {
    this.observer = new ResizeObserver(changed);
    host.addController(this);
  }

  hostConnected(): void {
    this.observer.observe(this.host);
  }

  hostDisconnected(): void {
    this.observer.disconnect();
  }
}
