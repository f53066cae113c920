// Services whose servers do not say the same.

import { formatCount, formatQuantity } from './format.ts';

export interface Disagreement {
  readonly service: string;
  readonly flows: number;
  readonly diverged: number;
  readonly comparedDatagramFlows: number;
  readonly divergedDatagramFlows: number;
}

export function describeDisagreement({ service, flows, diverged, comparedDatagramFlows, divergedDatagramFlows }: Disagreement): string {
  const connections = `${formatCount(diverged)} of ${formatQuantity(flows, 'connection')}`;
  const datagrams = `${formatCount(divergedDatagramFlows)} of ${formatQuantity(comparedDatagramFlows, 'datagram flow')}`;
  const what = [...(diverged > 0 ? [connections] : []), ...(divergedDatagramFlows > 0 ? [datagrams] : [])].join(' and ');
  return `The servers of ${service} are not alike: ${what} diverged, and none counts as protected`;
}
