import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barrierOf } from '../src/model/barrier.ts';
import { consequencesOf, exposureOf, lossesOf, titleOf } from '../src/model/order-text.ts';
import { costOf, exposedBy, refusalOf } from '../src/model/orders.ts';
import { node, operation, status } from './build.ts';

const mixed = status({ unprotected: 5 }, { protected: 95, unprotected: 3, diverged: 2 });

test('a switchover costs the connections that have no replica and those that diverged', () => {
  assert.deepEqual(costOf({ kind: 'planned' }, mixed), { withoutReplica: 3, diverged: 2, total: 5 });
  assert.deepEqual(costOf({ kind: 'forced' }, mixed), { withoutReplica: 3, diverged: 2, total: 5 });
  assert.deepEqual(costOf({ kind: 'drain', node: 'node1' }, mixed), { withoutReplica: 3, diverged: 2, total: 5 });
});

test('an order that leaves the service where it is costs nothing', () => {
  assert.equal(costOf({ kind: 'drain', node: 'node2' }, mixed).total, 0);
  assert.equal(costOf({ kind: 'undrain', node: 'node2' }, mixed).total, 0);
});

test('counts of different instants never make a negative cost', () => {
  assert.deepEqual(costOf({ kind: 'planned' }, status({ unprotected: 1 }, { diverged: 4 })), { withoutReplica: 0, diverged: 1, total: 1 });
});

test('losses say what becomes of diverged connections', () => {
  const cost = costOf({ kind: 'planned' }, mixed);
  assert.match(lossesOf(cost, mixed).join(' '), /3 connections without a replica.* 2 connections .* reset/);
  const carrying = status({ ...mixed, services: mixed.services.map((service) => ({ ...service, divergence: 'carry' as const })) });
  assert.match(lossesOf(cost, carrying).join(' '), /carried over/);
  assert.deepEqual(lossesOf(costOf({ kind: 'planned' }, status()), status()), []);
});

test('without a replica the service cannot move', () => {
  const alone = status({ nodes: [node('node1', 'active'), node('node2', 'down')] });
  assert.notEqual(refusalOf({ kind: 'planned' }, alone), null);
  assert.notEqual(refusalOf({ kind: 'forced' }, alone), null);
  assert.notEqual(refusalOf({ kind: 'drain', node: 'node1' }, alone), null);
  assert.equal(refusalOf({ kind: 'drain', node: 'node2' }, alone), null);
  assert.equal(refusalOf({ kind: 'planned' }, status()), null);
});

test('a drained node is no successor', () => {
  const drained = status({ nodes: [node('node1', 'active'), node('node2', 'replica', { drained: true })] });
  assert.notEqual(refusalOf({ kind: 'planned' }, drained), null);
  assert.equal(refusalOf({ kind: 'undrain', node: 'node2' }, drained), null);
});

test('without its last replica everything that is protected is exposed', () => {
  const three = status({ nodes: [node('a', 'active'), node('b', 'replica'), node('c', 'replica')] });
  assert.equal(exposedBy({ kind: 'drain', node: 'node2' }, mixed), 95);
  assert.equal(exposedBy({ kind: 'drain', node: 'node1' }, mixed), 95);
  assert.equal(exposedBy({ kind: 'drain', node: 'b' }, three), 0);
  assert.equal(exposedBy({ kind: 'drain', node: 'a' }, three), 0);
  assert.equal(exposedBy({ kind: 'planned' }, mixed), 0);
  assert.match(exposureOf({ kind: 'forced' }, mixed) ?? '', /^95 connections .* node1 has joined again/);
  assert.equal(exposureOf({ kind: 'undrain', node: 'node2' }, mixed), null);
});

test('the title names the way when there is only one', () => {
  assert.equal(titleOf({ kind: 'planned' }, status()), 'Planned switchover: node1 → node2');
  const three = status({ nodes: [node('a', 'active'), node('b', 'replica'), node('c', 'replica')] });
  assert.equal(titleOf({ kind: 'forced' }, three), 'Forced switchover');
  assert.match(consequencesOf({ kind: 'planned' }, three).join(' '), /b or c takes/);
});

test('nothing can be ordered without an answer, a session, the scope, or while something runs', () => {
  const alice = { name: 'alice', scope: 'operate' as const, csrfToken: 'x' };
  assert.equal(barrierOf(true, alice, []), null);
  assert.match(barrierOf(false, alice, []) ?? '', /does not answer/);
  assert.match(barrierOf(true, null, []) ?? '', /logged in/);
  assert.match(barrierOf(true, { ...alice, scope: 'read' }, []) ?? '', /may only read/);
  assert.match(barrierOf(true, alice, [operation('1')]) ?? '', /under way/);
  assert.equal(barrierOf(true, alice, [operation('1', { state: 'failed' })]), null);
});
