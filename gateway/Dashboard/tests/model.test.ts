import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toQueryString } from '../src/api/flows.ts';
import { describeCause, movesService } from '../src/model/causes.ts';
import { describeEvent } from '../src/model/event-text.ts';
import { formatBytes, formatMilliseconds, formatSeconds } from '../src/model/format.ts';
import { issuesOf, levelOf } from '../src/model/health.ts';
import { beatsOf, describeBeats } from '../src/model/heartbeats.ts';
import { appendSample, mergeChanges, mergeOperations } from '../src/model/merge.ts';
import { describeRoleChanges } from '../src/model/role-changes.ts';
import { columnsOf, failoverColumns, gapOf } from '../src/model/series.ts';
import { linksOf, placesOf } from '../src/model/topology.ts';
import { change, heartbeat, node, operation, sample, status } from './build.ts';

test('numbers are short and keep three digits', () => {
  assert.deepEqual([0, 999, 1000, 1234, 99_960, 999_950, 5.4e9].map(formatBytes), ['0 B', '999 B', '1.00 kB', '1.23 kB', '100 kB', '1.00 MB', '5.40 GB']);
  assert.deepEqual([0, 0.0071, 1.5, 26.345, 500, 2000].map(formatMilliseconds), ['0 ms', '0.007 ms', '1.50 ms', '26.3 ms', '500 ms', '2,000 ms']);
  assert.deepEqual([0, 4.26, 59.7, 200, 3600, 90_061].map(formatSeconds), ['0 s', '4.3 s', '1 min', '3 min 20 s', '1 h', '1 d 1 h']);
});

test('the node that holds the service is at the top, and elements keep their order', () => {
  const nodes = [node('node1', 'replica'), node('node2', 'active')];
  assert.deepEqual(placesOf(nodes).map(({ node: { name }, slot }) => [name, slot]), [['node1', 1], ['node2', 0]]);
  assert.deepEqual(placesOf([node('a', 'replica'), node('b', 'down'), node('c', 'active')]).map(({ slot }) => slot), [1, 2, 0]);
  assert.deepEqual(placesOf([node('a', 'down'), node('b', 'down')]).map(({ slot }) => slot), [0, 1]);
});

test('links run from the gateway to the middle of each slot', () => {
  const [first] = linksOf(placesOf([node('node1', 'active'), node('node2', 'replica')]), 80);
  assert.equal(first?.path, 'M0,80 C50,80 50,40 100,40');
});

test('causes say which node they are about, and whether the service moved', () => {
  assert.equal(describeCause(change({ cause: 'activeSilent' })), 'node1 fell silent');
  assert.equal(movesService(change({ cause: 'activeSilent' })), true);
  assert.equal(movesService(change({ cause: 'replicaJoined', node: 'node2', active: 'node1' })), false);
  assert.equal(movesService(change({ cause: 'nodeDrained', node: 'node2', active: 'node1' })), false);
  assert.equal(movesService(change({ cause: 'nodeDrained', node: 'node1', active: 'node2' })), true);
  assert.equal(movesService(change({ cause: 'start', node: '', from: '', active: 'node1' })), false);
});

test('events are told in one line', () => {
  const entry = { id: '1-1', at: '2026-11-27T01:00:00Z' };
  assert.equal(describeEvent({ ...entry, kind: 'node', node: 'node1', role: 'down', was: 'active' }), 'node1: active → down');
  assert.equal(describeEvent({ ...entry, kind: 'protection', unprotected: 0, diverged: 0, divergedDatagramFlows: 0 }), 'Every connection is protected');
  assert.equal(describeEvent({ ...entry, kind: 'protection', unprotected: 3, diverged: 1, divergedDatagramFlows: 0 }), '3 connections not protected, of these 1 diverged');
  assert.match(describeEvent({ ...entry, kind: 'service', service: 'db', inAgreement: false, flows: 9, diverged: 6, comparedDatagramFlows: 0, divergedDatagramFlows: 0 }), /of db are not alike: 6 of 9/);
  assert.match(describeEvent({ ...entry, kind: 'service', service: 'dns', inAgreement: false, flows: 9, diverged: 0, comparedDatagramFlows: 28, divergedDatagramFlows: 20 }), /: 20 of 28 datagram flows diverged/);
  assert.equal(describeEvent({ ...entry, kind: 'protection', unprotected: 0, diverged: 0, divergedDatagramFlows: 2 }), 'Every connection is protected; 2 datagram flows diverged');
  assert.equal(describeEvent({ ...entry, kind: 'service', service: 'db', inAgreement: true, flows: 9, diverged: 0, comparedDatagramFlows: 0, divergedDatagramFlows: 0 }), 'The servers of db agree again');
  assert.equal(describeEvent({ ...entry, kind: 'store', state: 'degraded', reason: 'no connection' }), 'Store degraded: no connection');
  assert.match(describeEvent({ ...entry, kind: 'operation', operation: operation('1', { state: 'failed', problem: 'no replica' }) }), /failed, no replica/);
  assert.match(describeEvent({ ...change({}), ...entry, kind: 'assignment' }), /^Epoch 2: node1 → node2 \(node1 fell silent\)$/);
});

test('the worst comes first', () => {
  assert.deepEqual(issuesOf(status()), []);
  assert.equal(levelOf([]), 'good');
  const issues = issuesOf(status({ nodes: [node('node1', 'active'), node('node2', 'down')], unprotected: 100 }, { unprotected: 100 }));
  assert.equal(levelOf(issues), 'bad');
  assert.deepEqual(issues.map(({ level }) => level), ['bad', 'warning', 'warning']);
  const unlike = status({ services: status().services.map((service) => ({ ...service, diverged: 60, inAgreement: false })) });
  assert.match(issuesOf(unlike).find(({ level }) => level === 'bad')?.text ?? '', /60 of 100 connections diverged/);
});

test('only nodes whose role changed are announced', () => {
  const before = [node('node1', 'active'), node('node2', 'replica')];
  assert.deepEqual(describeRoleChanges(before, [node('node1', 'down'), node('node2', 'active')]), ['node1 is down now', 'node2 holds the service now']);
  assert.deepEqual(describeRoleChanges(before, before), []);
  assert.deepEqual(describeRoleChanges([], before), []);
});

test('samples that come again are not counted twice, and old ones go', () => {
  const first = [0, 500, 1000].reduce((known, at) => appendSample(known, sample(at)), [] as ReturnType<typeof appendSample>);
  assert.equal(first.length, 3);
  assert.equal(appendSample(first, sample(500)), first);
  assert.equal(appendSample(first, sample(120_500)).length, 2);
  assert.equal(appendSample([sample(900_000)], sample(1000)).length, 1);
});

test('a change that is told again replaces the first telling', () => {
  const first = change({ epoch: 2 });
  const merged = mergeChanges([first], [{ ...first, flows: 7 }, change({ epoch: 3, at: '2026-11-27T01:00:01.000Z' })]);
  assert.deepEqual(merged.map(({ epoch, flows }) => [epoch, flows]), [[2, 7], [3, 0]]);
});

test('operations are listed latest first', () => {
  const merged = mergeOperations([operation('1')], [operation('2', { requestedAt: '2026-11-27T02:00:00Z' }), operation('1', { state: 'failed' })]);
  assert.deepEqual(merged.map(({ id, state }) => [id, state]), [['2', 'running'], ['1', 'failed']]);
});

test('heartbeats stand at their time, with holes where samples were missed', () => {
  const samples = [0, 500, 3000].map((at) => sample(at, [heartbeat('node1', { longestGapMs: 15 })]));
  const beats = beatsOf(samples, 'node1', 10);
  assert.deepEqual(beats.map((beat) => beat?.share ?? null), [null, null, null, 0.5, 0.5, null, null, null, null, 0.5]);
  assert.ok(beatsOf(samples, 'node9', 4).every((beat) => beat === null));
});

test('a strip is described by its longest gap and its silence', () => {
  const samples = [sample(0, [heartbeat('node1')]), sample(500, [heartbeat('node1', { heartbeats: 0, longestGapMs: 500 })])];
  assert.equal(describeBeats(samples, 'node1'), 'longest gap 10.0 ms, allowed 30.0 ms, 1 of 2 half seconds silent');
  assert.equal(describeBeats([], 'node1'), 'no heartbeats known');
});

test('curves have gaps where samples were missed or a node was down', () => {
  const samples = [sample(0, [heartbeat('node1')]), sample(500, [heartbeat('node1', { role: 'down', longestGapMs: 500 })]), sample(9000, [heartbeat('node1')])];
  assert.deepEqual(columnsOf(samples, [gapOf('node1')]), [[0, 0.5, 1.5, 9], [10, null, null, 10]]);
});

test('only what moved the service is a failover', () => {
  const moved = change({ lastHeardNs: 1e6, decidedNs: 27e6, receivedNs: 28e6, firstSegmentNs: 29e6 });
  assert.deepEqual(failoverColumns([change({ cause: 'replicaJoined', active: 'node1' }), moved], 40), [[1], [26], [1]]);
});

test('a query names only what restricts', () => {
  const query = { state: '' as const, text: '', order: 'lag' as const, descending: true, limit: 50, offset: 100 };
  assert.equal(toQueryString(query), 'sort=-lag&limit=50&offset=100');
  assert.equal(toQueryString({ ...query, state: 'diverged', text: '10.0.1.2:4' }), 'state=diverged&q=10.0.1.2%3A4&sort=-lag&limit=50&offset=100');
});
