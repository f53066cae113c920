// The events that the page has seen, and what it has noticed itself.

import type { GatewayEvent } from '../api/events.ts';

/** Something about the connection to the gateway, which the gateway cannot tell. */
export interface ConnectionNote {
  readonly kind: 'connection';
  readonly id: string;
  readonly at: string;
  readonly text: string;
}

export type LogEntry = GatewayEvent | ConnectionNote;

export type LogKind = LogEntry['kind'];

const most = 512;

export class EventLog {
  /** Oldest first. */
  entries: readonly LogEntry[] = [];
  private readonly ids = new Set<string>();
  private notes = 0;

  /** False when the event was there already: a stream that begins anew repeats the last ones. */
  add(event: GatewayEvent): boolean {
    if (this.ids.has(event.id)) {
      return false;
    }
    this.append(event);
    return true;
  }

  note(text: string): void {
    this.notes += 1;
    this.append({ kind: 'connection', id: `note-${this.notes}`, at: new Date().toISOString(), text });
  }

  clear(): void {
    this.entries = [];
    this.ids.clear();
  }

  private append(entry: LogEntry): void {
    this.ids.add(entry.id);
    this.entries = [...this.entries, entry].slice(-most);
    if (this.ids.size > 2 * most) {
      this.ids.clear();
      this.entries.forEach(({ id }) => this.ids.add(id));
    }
  }
}
