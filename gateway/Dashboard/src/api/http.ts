// Requests as the gateway wants them, and the two ways in which they go wrong.

/** The gateway answered, with an error: problem details (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** The gateway did not answer. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export interface Request {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const patienceMs = 5000;

/** Relative, so that the dashboard also works behind a proxy that serves it under a path. */
export const base = 'api/v1/';

/**
 * Sends a request to a path of the gateway and returns an answer of the 200s.
 * @throws Problem when the gateway refuses, Unreachable when it does not answer, an AbortError when `signal` says so.
 */
export async function send(path: string, request: Request = {}): Promise<Response> {
  const timeout = AbortSignal.timeout(patienceMs);
  const response = await fetch(path, {
    method: request.method ?? 'GET',
    headers: {
      accept: 'application/json',
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    },
    body: request.body === undefined ? null : JSON.stringify(request.body),
    cache: 'no-store',
    signal: request.signal ? AbortSignal.any([request.signal, timeout]) : timeout,
  }).catch((error: unknown) => {
    if (request.signal?.aborted) {
      throw error;
    }
    throw new Unreachable(timeout.aborted ? `no answer within ${patienceMs / 1000} s` : 'no connection');
  });
  if (!response.ok) {
    throw new Problem(response.status, await detailOf(response));
  }
  return response;
}

/** What a proxy in front of the gateway answers need not be problem details. */
async function detailOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === 'object' && body !== null) {
    const { detail, title } = body as { detail?: unknown; title?: unknown };
    for (const text of [detail, title]) {
      if (typeof text === 'string' && text !== '') {
        return text;
      }
    }
  }
  return `The gateway answered ${response.status} ${response.statusText}`.trim();
}
