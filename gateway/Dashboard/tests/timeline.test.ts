import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectionMs, takeoverMs, timelineOf } from '../src/model/timeline.ts';
import { change } from './build.ts';

const ms = (milliseconds: number) => milliseconds * 1e6;

const crash = change({
  cause: 'activeSilent', lastHeardNs: ms(1000), decidedNs: ms(1026), fencedNs: ms(1026.007), orderedNs: ms(1026.087), receivedNs: ms(1026.116), firstSegmentNs: ms(1026.852),
});

test('a failure begins with the last heartbeat and ends with the first segment', () => {
  const { marks, totalMs } = timelineOf(crash);
  assert.deepEqual(marks.map(({ name }) => name), ['lastHeard', 'decided', 'fenced', 'ordered', 'received', 'firstSegment']);
  assert.deepEqual(marks.map(({ phaseMs }) => phaseMs?.toFixed(3)), ['0.000', '26.000', '0.007', '0.080', '0.029', '0.736']);
  assert.equal(totalMs.toFixed(3), '26.852');
  assert.equal(detectionMs(crash), 26);
  assert.equal(takeoverMs(crash)?.toFixed(3), '0.736');
});

test('what is not known yet is left out', () => {
  const { marks, totalMs } = timelineOf({ ...crash, receivedNs: 0, firstSegmentNs: 0 });
  assert.equal(marks.at(-1)?.name, 'ordered');
  assert.equal(totalMs.toFixed(3), '26.087');
  assert.equal(takeoverMs({ ...crash, firstSegmentNs: 0 }), null);
});

test('what a node sends that has not taken the service from another is no part of it', () => {
  assert.equal(timelineOf({ ...crash, cause: 'start', from: '' }).marks.at(-1)?.name, 'received');
});

test('nothing known is an empty timeline', () => {
  assert.deepEqual(timelineOf(change({})), { marks: [], totalMs: 0, clocksDiffer: false });
});

test('an order of an operator has no detection', () => {
  const forced = { ...crash, cause: 'forced' as const };
  assert.equal(timelineOf(forced).marks[0]?.name, 'decided');
  assert.equal(detectionMs(forced), null);
});

test('in a planned switchover the new active node speaks before the gateway turns', () => {
  const planned = { ...crash, cause: 'planned' as const, receivedNs: ms(1024), firstSegmentNs: ms(1025) };
  assert.deepEqual(timelineOf(planned).marks.map(({ name }) => name), ['received', 'firstSegment', 'decided', 'fenced', 'ordered']);
});

test('clocks of different hosts are not compared', () => {
  const apart = { ...crash, receivedNs: ms(900_000), firstSegmentNs: ms(900_000.5) };
  const { marks, clocksDiffer } = timelineOf(apart);
  assert.equal(clocksDiffer, true);
  assert.equal(marks.find(({ name }) => name === 'received')?.phaseMs, null);
  assert.equal(marks.at(-1)?.name, 'firstSegment');
  assert.equal(marks.at(-1)?.phaseMs, 0.5);
});
