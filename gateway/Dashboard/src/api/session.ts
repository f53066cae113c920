// Who asks.

export interface Session {
  readonly name: string;
  readonly scope: 'read' | 'operate';
  /** Null for one who has not logged in here: anonymous requests need none. */
  readonly csrfToken: string | null;
}
