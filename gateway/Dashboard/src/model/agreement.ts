// Services whose servers do not say the same.

import { formatCount, formatQuantity } from './format.ts';

export interface Disagreement {
  readonly service: string;
  readonly flows: number;
  readonly diverged: number;
}

export function describeDisagreement({ service, flows, diverged }: Disagreement): string {
  return `The servers of ${service} are not alike: ${formatCount(diverged)} of ${formatQuantity(flows, 'connection')} diverged, and none counts as protected`;
}
